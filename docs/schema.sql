CREATE TABLE public.activation_codes (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    code_hash character varying NOT NULL,
    user_id uuid NOT NULL,
    created_by uuid,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

CREATE TABLE public.app_codes (
    code_hash bytea NOT NULL,
    consent_id uuid NOT NULL,
    scopes jsonb NOT NULL,
    redirect_uri character varying NOT NULL,
    challenge character varying NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

CREATE TABLE public.app_consents (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    app_id uuid NOT NULL,
    scopes jsonb NOT NULL,
    given_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone
);

CREATE TABLE public.app_tokens (
    token_hash bytea NOT NULL,
    consent_id uuid NOT NULL,
    kind character varying NOT NULL,
    scopes jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone
);

CREATE TABLE public.aside_answers (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    attempt_id uuid NOT NULL,
    source character varying NOT NULL,
    jkt character varying NOT NULL,
    place integer NOT NULL,
    base integer NOT NULL,
    item character varying NOT NULL,
    answer jsonb NOT NULL,
    answer_hash character varying NOT NULL,
    created_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    counts boolean NOT NULL,
    taken_by uuid,
    reason character varying
);

CREATE TABLE public.attachment_chunks (
    attempt_id uuid NOT NULL,
    attachment_id uuid NOT NULL,
    start integer NOT NULL,
    size integer NOT NULL,
    sha256 character varying NOT NULL,
    blob character varying NOT NULL
);

CREATE TABLE public.attachments (
    attempt_id uuid NOT NULL,
    id uuid NOT NULL,
    item character varying NOT NULL,
    name character varying NOT NULL,
    media_type character varying NOT NULL,
    size integer,
    held integer DEFAULT 0 NOT NULL,
    sha256 character varying,
    refused character varying,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    erased_at timestamp with time zone
);

CREATE TABLE public.attempts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    sitting_id uuid NOT NULL,
    candidate_id uuid NOT NULL,
    status character varying NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    ends_at timestamp with time zone,
    submitted_at timestamp with time zone,
    released_at timestamp with time zone,
    statement jsonb,
    jkt character varying,
    generation integer DEFAULT 0 NOT NULL,
    seq integer DEFAULT 0 NOT NULL,
    head character varying DEFAULT ''::character varying NOT NULL,
    seal jsonb,
    seed character varying NOT NULL,
    form character varying NOT NULL,
    section integer DEFAULT 0 NOT NULL,
    section_from timestamp with time zone,
    section_ends_at timestamp with time zone,
    paused_at timestamp with time zone,
    paused interval DEFAULT '00:00:00'::interval NOT NULL,
    time_note character varying,
    late interval DEFAULT '00:00:00'::interval NOT NULL,
    late_seconds integer DEFAULT 0 NOT NULL,
    late_off integer DEFAULT 0 NOT NULL,
    number integer DEFAULT 1 NOT NULL
)
WITH (fillfactor='70');

CREATE TABLE public.badge_profiles (
    user_id uuid NOT NULL,
    document jsonb NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.browser_proofs (
    attempt_id uuid NOT NULL,
    jkt character varying,
    proven_at timestamp with time zone,
    failed_at timestamp with time zone,
    lapses integer DEFAULT 0 NOT NULL,
    excused_at timestamp with time zone,
    excused_by uuid,
    excused_why character varying
)
WITH (fillfactor='50');

CREATE TABLE public.browser_signals (
    attempt_id uuid NOT NULL,
    number integer NOT NULL,
    kind character varying NOT NULL,
    at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    detail jsonb NOT NULL
);

CREATE TABLE public.certificate_batch_rows (
    batch_id uuid NOT NULL,
    number integer NOT NULL,
    holder_id uuid NOT NULL,
    name character varying NOT NULL,
    earned_on date,
    result character varying,
    certificate_id uuid,
    problem character varying,
    CONSTRAINT ck_certificate_batch_rows_one_end CHECK (((certificate_id IS NULL) OR (problem IS NULL)))
);

CREATE TABLE public.certificate_batches (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    title character varying NOT NULL,
    terms jsonb NOT NULL,
    digest character varying NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamp with time zone NOT NULL,
    approved_by uuid,
    approved_at timestamp with time zone,
    approved_digest character varying,
    withdrawn_at timestamp with time zone,
    finished_at timestamp with time zone,
    CONSTRAINT ck_certificate_batches_approval_whole CHECK ((((approved_by IS NULL) = (approved_at IS NULL)) AND ((approved_by IS NULL) = (approved_digest IS NULL)))),
    CONSTRAINT ck_certificate_batches_approved_as_it_is CHECK (((approved_digest)::text = (digest)::text)),
    CONSTRAINT ck_certificate_batches_finished_after CHECK (((finished_at IS NULL) OR (approved_at IS NOT NULL))),
    CONSTRAINT ck_certificate_batches_four_eyes CHECK ((approved_by <> made_by)),
    CONSTRAINT ck_certificate_batches_withdrawn_before CHECK (((withdrawn_at IS NULL) OR (approved_at IS NULL)))
);

CREATE TABLE public.certificate_listings (
    certificate_id uuid NOT NULL,
    folded character varying NOT NULL,
    since timestamp with time zone NOT NULL
);

CREATE TABLE public.certificate_reminders (
    certificate_id uuid NOT NULL,
    days integer NOT NULL,
    state character varying NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.certificates (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    attempt_id uuid,
    document jsonb NOT NULL,
    salt bytea NOT NULL,
    log_index bigint NOT NULL,
    status_index integer NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    revoked_reason character varying,
    holder_id uuid,
    replaces_id uuid,
    revoked_code character varying,
    suspended_at timestamp with time zone,
    suspended_code character varying,
    valid_until timestamp with time zone,
    suspended_reason character varying,
    erased_at timestamp with time zone,
    erasure jsonb,
    CONSTRAINT ck_certificates_whose CHECK (((attempt_id IS NULL) <> (holder_id IS NULL)))
);

CREATE TABLE public.challenges (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind character varying NOT NULL,
    user_id uuid,
    challenge bytea NOT NULL,
    context jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    answer jsonb
);

CREATE TABLE public.checkpoints (
    size bigint NOT NULL,
    note character varying NOT NULL,
    at timestamp with time zone NOT NULL,
    cosignatures character varying DEFAULT ''::character varying NOT NULL,
    witnessed boolean DEFAULT false NOT NULL
);

CREATE TABLE public.clips (
    attempt_id uuid NOT NULL,
    flag_id uuid NOT NULL,
    from_at timestamp with time zone NOT NULL,
    until_at timestamp with time zone NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    blob character varying,
    media_type character varying,
    size integer,
    digest character varying,
    received_at timestamp with time zone
);

CREATE TABLE public.cohort_runs (
    sitting_id uuid NOT NULL,
    people integer NOT NULL,
    pairs integer NOT NULL,
    reason character varying,
    evidence jsonb NOT NULL,
    made_at timestamp with time zone NOT NULL
);

CREATE TABLE public.connected_apps (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    secret_hash character varying,
    name character varying NOT NULL,
    redirect_uris jsonb NOT NULL,
    scopes jsonb NOT NULL,
    registration jsonb NOT NULL,
    registered_at timestamp with time zone NOT NULL
);

CREATE TABLE public.consents (
    attempt_id uuid NOT NULL,
    version character varying NOT NULL,
    terms jsonb NOT NULL,
    text character varying NOT NULL,
    given_at timestamp with time zone NOT NULL
);

CREATE TABLE public.courses (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    slug character varying NOT NULL,
    title character varying NOT NULL,
    files jsonb NOT NULL,
    revision integer NOT NULL,
    updated_at timestamp with time zone NOT NULL
);

CREATE TABLE public.credit_activities (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    certificate_id uuid NOT NULL,
    title character varying NOT NULL,
    provider character varying NOT NULL,
    day date NOT NULL,
    credits double precision NOT NULL,
    link character varying,
    blob character varying,
    file_name character varying,
    noted_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    decided_by uuid,
    accepted boolean,
    words character varying
);

CREATE TABLE public.decisions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    attempt_id uuid NOT NULL,
    outcome character varying NOT NULL,
    reason character varying NOT NULL,
    decided_by uuid NOT NULL,
    decided_at timestamp with time zone NOT NULL
);

CREATE TABLE public.enrolments (
    course_id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.entry_rules (
    sitting_id uuid NOT NULL,
    password character varying,
    networks jsonb NOT NULL,
    lessons boolean NOT NULL,
    link character varying
);

CREATE TABLE public.erasures (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    attempt_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    record jsonb NOT NULL
);

CREATE TABLE public.evidence_keys (
    attempt_id uuid NOT NULL,
    sealed bytea,
    made_at timestamp with time zone NOT NULL,
    erased_at timestamp with time zone
);

CREATE TABLE public.exam_checks (
    exam_id uuid NOT NULL,
    digest character varying NOT NULL,
    state character varying NOT NULL,
    problems jsonb NOT NULL,
    untried boolean NOT NULL,
    asked_by uuid NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone
);

CREATE TABLE public.exam_versions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    exam_id uuid NOT NULL,
    number integer NOT NULL,
    definition jsonb NOT NULL,
    digest character varying NOT NULL,
    source character varying NOT NULL,
    published_at timestamp with time zone NOT NULL,
    published_by uuid NOT NULL
);

CREATE TABLE public.exams (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    course_id uuid,
    title character varying NOT NULL,
    source character varying NOT NULL,
    revision integer NOT NULL,
    owner_id uuid NOT NULL,
    updated_at timestamp with time zone NOT NULL
);

CREATE TABLE public.findings (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    sitting_id uuid NOT NULL,
    detector character varying NOT NULL,
    attempts jsonb NOT NULL,
    p_value double precision NOT NULL,
    p_adjusted double precision NOT NULL,
    statistic double precision NOT NULL,
    expected double precision NOT NULL,
    explanation character varying NOT NULL,
    innocent jsonb NOT NULL,
    evidence jsonb NOT NULL,
    made_at timestamp with time zone NOT NULL
);

CREATE TABLE public.flags (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    attempt_id uuid NOT NULL,
    rule character varying NOT NULL,
    severity character varying NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    threshold jsonb NOT NULL,
    reason character varying NOT NULL,
    innocent jsonb NOT NULL,
    evidence jsonb NOT NULL,
    confidence double precision NOT NULL
);

CREATE TABLE public.frames (
    attempt_id uuid NOT NULL,
    number integer NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    blob character varying,
    digest character varying NOT NULL,
    size integer NOT NULL,
    reading jsonb,
    analysed_at timestamp with time zone,
    header jsonb,
    skew double precision,
    challenge integer,
    passed_at timestamp with time zone,
    claimed jsonb,
    spot integer
);

CREATE TABLE public.grades (
    id bigint NOT NULL,
    attempt_id uuid NOT NULL,
    item character varying NOT NULL,
    state character varying NOT NULL,
    points double precision,
    max_points double precision NOT NULL,
    confidence double precision,
    cause character varying,
    feedback character varying NOT NULL,
    evidence jsonb NOT NULL,
    grader character varying NOT NULL,
    graded_by uuid,
    graded_at timestamp with time zone NOT NULL
);

ALTER TABLE public.grades ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.grades_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.held_credentials (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    app_id uuid,
    issuer character varying NOT NULL,
    credential_id character varying NOT NULL,
    name character varying NOT NULL,
    issuer_name character varying,
    content bytea NOT NULL,
    kind character varying NOT NULL,
    received_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.issued_statuses (
    index integer NOT NULL,
    credential_id character varying NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);

CREATE TABLE public.ledger (
    id bigint NOT NULL,
    stream uuid NOT NULL,
    seq integer NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_id uuid,
    tag character varying NOT NULL,
    data jsonb NOT NULL,
    previous character varying NOT NULL,
    hash character varying NOT NULL
);

ALTER TABLE public.ledger ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.ledger_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.left_out (
    attempt_id uuid NOT NULL,
    rule character varying NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    reason character varying NOT NULL
);

CREATE TABLE public.lesson_progress (
    course_id uuid NOT NULL,
    user_id uuid NOT NULL,
    lesson character varying NOT NULL,
    done_at timestamp with time zone NOT NULL
);

CREATE TABLE public.life_signs (
    attempt_id uuid NOT NULL,
    number integer NOT NULL,
    kind character varying NOT NULL,
    colours jsonb NOT NULL,
    due_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    judged_at timestamp with time zone,
    signal jsonb
);

CREATE TABLE public.lockdown_rules (
    sitting_id uuid NOT NULL,
    exam_keys jsonb NOT NULL
);

CREATE TABLE public.log_anchors (
    size bigint NOT NULL,
    kind character varying NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    evidence jsonb,
    complete boolean NOT NULL,
    tries integer NOT NULL,
    problem character varying
);

CREATE TABLE public.log_entries (
    index bigint NOT NULL,
    leaf bytea NOT NULL,
    kind character varying NOT NULL,
    at timestamp with time zone NOT NULL,
    entry bytea
);

CREATE TABLE public.log_keys (
    key character varying NOT NULL,
    purpose character varying NOT NULL,
    added bigint NOT NULL,
    retired bigint,
    compromised bigint
);

CREATE TABLE public.log_policies (
    index bigint NOT NULL,
    text character varying NOT NULL,
    anchors jsonb NOT NULL
);

CREATE TABLE public.log_tiles (
    level integer NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL
);

CREATE TABLE public.login_sessions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    token_hash character varying NOT NULL,
    user_id uuid NOT NULL,
    method character varying NOT NULL,
    user_agent character varying NOT NULL,
    created_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);

CREATE TABLE public.lookalikes (
    one uuid NOT NULL,
    other uuid NOT NULL,
    distance double precision NOT NULL,
    noticed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.name_changes (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    name character varying NOT NULL,
    note character varying NOT NULL,
    linked boolean NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    decided_by uuid,
    granted boolean,
    words character varying
);

CREATE TABLE public.passkeys (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    credential_id bytea NOT NULL,
    public_key bytea NOT NULL,
    sign_count integer NOT NULL,
    label character varying NOT NULL,
    backed_up boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone
);

CREATE TABLE public.programmes (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    slug character varying NOT NULL,
    number integer NOT NULL,
    title character varying NOT NULL,
    source character varying NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by uuid NOT NULL,
    opened_at timestamp with time zone,
    closed_at timestamp with time zone,
    CONSTRAINT ck_programmes_counted CHECK ((number >= 1))
);

CREATE TABLE public.receipt_heads (
    attempt_id uuid NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    salt bytea,
    log_index bigint,
    proof character varying,
    logged_at timestamp with time zone
);

CREATE TABLE public.receipt_mails (
    attempt_id uuid NOT NULL,
    asked integer NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    state character varying NOT NULL,
    tries integer NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    problem character varying
);

CREATE TABLE public.reference_photos (
    attempt_id uuid NOT NULL,
    number integer NOT NULL,
    blob character varying NOT NULL,
    digest character varying NOT NULL,
    state character varying NOT NULL,
    reason character varying,
    encoding bytea,
    sent_at timestamp with time zone NOT NULL
);

CREATE TABLE public.responses (
    attempt_id uuid NOT NULL,
    seq integer NOT NULL,
    item character varying NOT NULL,
    answer jsonb NOT NULL,
    answer_hash character varying NOT NULL,
    created_at timestamp with time zone,
    received_at timestamp with time zone NOT NULL,
    receipt jsonb NOT NULL,
    written_at timestamp with time zone
);

CREATE TABLE public.roster (
    sitting_id uuid NOT NULL,
    user_id uuid NOT NULL,
    extra_minutes integer NOT NULL,
    added_at timestamp with time zone NOT NULL,
    extra_percent integer DEFAULT 0 NOT NULL,
    incident_minutes integer DEFAULT 0 NOT NULL,
    accommodations jsonb DEFAULT '[]'::jsonb NOT NULL
);

CREATE UNLOGGED TABLE public.seen_proofs (
    jti character varying NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.shown_rules (
    sitting_id uuid NOT NULL,
    parts jsonb NOT NULL
);

CREATE TABLE public.sittings (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    version_id uuid NOT NULL,
    title character varying NOT NULL,
    opens_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    minutes integer NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    late_minutes integer DEFAULT 0 NOT NULL,
    late_percent integer DEFAULT 0 NOT NULL,
    grace_minutes integer,
    attempts integer DEFAULT 1,
    delay_minutes integer DEFAULT 0 NOT NULL,
    counts character varying DEFAULT 'best'::character varying NOT NULL
);

CREATE TABLE public.skill_maps (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    slug character varying NOT NULL,
    number integer NOT NULL,
    title character varying NOT NULL,
    source character varying NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by uuid NOT NULL,
    CONSTRAINT ck_skill_maps_counted CHECK ((number >= 1))
);

CREATE TABLE public.sounds (
    attempt_id uuid NOT NULL,
    number integer NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    blob character varying,
    digest character varying NOT NULL,
    size integer NOT NULL,
    header jsonb,
    skew double precision,
    reading jsonb,
    analysed_at timestamp with time zone
);

CREATE TABLE public.spot_checks (
    attempt_id uuid NOT NULL,
    number integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    nonce character varying,
    sent_at timestamp with time zone,
    frame integer,
    outcome character varying,
    signal jsonb
);

CREATE TABLE public.stack_notices (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    certificate_id uuid NOT NULL,
    what character varying NOT NULL,
    at timestamp with time zone NOT NULL,
    suspended boolean NOT NULL,
    settled_at timestamp with time zone,
    settled_by uuid,
    settled_words character varying,
    CONSTRAINT ck_stack_notices_what CHECK (((what)::text = ANY ((ARRAY['revoked'::character varying, 'suspended'::character varying, 'expired'::character varying, 'missing'::character varying, 'old'::character varying, 'level'::character varying, 'score'::character varying])::text[])))
);

CREATE TABLE public.stacked_parts (
    certificate_id uuid NOT NULL,
    part_id uuid NOT NULL,
    programme_id uuid
);

CREATE TABLE public.status_lists (
    version integer NOT NULL,
    document jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    suspended jsonb,
    reasons jsonb
);

CREATE TABLE public.throttles (
    key character varying NOT NULL,
    window_start timestamp with time zone NOT NULL,
    tries integer NOT NULL
);

CREATE TABLE public.trials (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    attempt_id uuid NOT NULL,
    item character varying NOT NULL,
    response jsonb NOT NULL,
    stdin character varying,
    state character varying NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    result jsonb,
    reason character varying
);

CREATE TABLE public.users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email character varying NOT NULL,
    name character varying NOT NULL,
    locale character varying,
    roles jsonb NOT NULL,
    password_hash character varying,
    totp_secret bytea,
    totp_last_step integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    disabled_at timestamp with time zone
);

CREATE TABLE public.watchings (
    attempt_id uuid NOT NULL,
    head character varying NOT NULL,
    devices jsonb NOT NULL,
    watch jsonb,
    memory jsonb,
    calibration jsonb,
    looks character varying DEFAULT 'server'::character varying NOT NULL,
    check_in jsonb,
    restless_to timestamp with time zone
);

ALTER TABLE ONLY public.activation_codes
    ADD CONSTRAINT pk_activation_codes PRIMARY KEY (id);

ALTER TABLE ONLY public.app_codes
    ADD CONSTRAINT pk_app_codes PRIMARY KEY (code_hash);

ALTER TABLE ONLY public.app_consents
    ADD CONSTRAINT pk_app_consents PRIMARY KEY (id);

ALTER TABLE ONLY public.app_tokens
    ADD CONSTRAINT pk_app_tokens PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.aside_answers
    ADD CONSTRAINT pk_aside_answers PRIMARY KEY (id);

ALTER TABLE ONLY public.attachment_chunks
    ADD CONSTRAINT pk_attachment_chunks PRIMARY KEY (attempt_id, attachment_id, start);

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT pk_attachments PRIMARY KEY (attempt_id, id);

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT pk_attempts PRIMARY KEY (id);

ALTER TABLE ONLY public.badge_profiles
    ADD CONSTRAINT pk_badge_profiles PRIMARY KEY (user_id);

ALTER TABLE ONLY public.browser_proofs
    ADD CONSTRAINT pk_browser_proofs PRIMARY KEY (attempt_id);

ALTER TABLE ONLY public.browser_signals
    ADD CONSTRAINT pk_browser_signals PRIMARY KEY (attempt_id, number);

ALTER TABLE ONLY public.certificate_batch_rows
    ADD CONSTRAINT pk_certificate_batch_rows PRIMARY KEY (batch_id, number);

ALTER TABLE ONLY public.certificate_batches
    ADD CONSTRAINT pk_certificate_batches PRIMARY KEY (id);

ALTER TABLE ONLY public.certificate_listings
    ADD CONSTRAINT pk_certificate_listings PRIMARY KEY (certificate_id);

ALTER TABLE ONLY public.certificate_reminders
    ADD CONSTRAINT pk_certificate_reminders PRIMARY KEY (certificate_id, days);

ALTER TABLE ONLY public.certificates
    ADD CONSTRAINT pk_certificates PRIMARY KEY (id);

ALTER TABLE ONLY public.challenges
    ADD CONSTRAINT pk_challenges PRIMARY KEY (id);

ALTER TABLE ONLY public.checkpoints
    ADD CONSTRAINT pk_checkpoints PRIMARY KEY (size);

ALTER TABLE ONLY public.clips
    ADD CONSTRAINT pk_clips PRIMARY KEY (attempt_id, flag_id);

ALTER TABLE ONLY public.cohort_runs
    ADD CONSTRAINT pk_cohort_runs PRIMARY KEY (sitting_id);

ALTER TABLE ONLY public.connected_apps
    ADD CONSTRAINT pk_connected_apps PRIMARY KEY (id);

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT pk_consents PRIMARY KEY (attempt_id);

ALTER TABLE ONLY public.courses
    ADD CONSTRAINT pk_courses PRIMARY KEY (id);

ALTER TABLE ONLY public.credit_activities
    ADD CONSTRAINT pk_credit_activities PRIMARY KEY (id);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT pk_decisions PRIMARY KEY (id);

ALTER TABLE ONLY public.enrolments
    ADD CONSTRAINT pk_enrolments PRIMARY KEY (course_id, user_id);

ALTER TABLE ONLY public.entry_rules
    ADD CONSTRAINT pk_entry_rules PRIMARY KEY (sitting_id);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT pk_erasures PRIMARY KEY (id);

ALTER TABLE ONLY public.evidence_keys
    ADD CONSTRAINT pk_evidence_keys PRIMARY KEY (attempt_id);

ALTER TABLE ONLY public.exam_checks
    ADD CONSTRAINT pk_exam_checks PRIMARY KEY (exam_id);

ALTER TABLE ONLY public.exam_versions
    ADD CONSTRAINT pk_exam_versions PRIMARY KEY (id);

ALTER TABLE ONLY public.exams
    ADD CONSTRAINT pk_exams PRIMARY KEY (id);

ALTER TABLE ONLY public.findings
    ADD CONSTRAINT pk_findings PRIMARY KEY (id);

ALTER TABLE ONLY public.flags
    ADD CONSTRAINT pk_flags PRIMARY KEY (id);

ALTER TABLE ONLY public.frames
    ADD CONSTRAINT pk_frames PRIMARY KEY (attempt_id, number);

ALTER TABLE ONLY public.grades
    ADD CONSTRAINT pk_grades PRIMARY KEY (id);

ALTER TABLE ONLY public.held_credentials
    ADD CONSTRAINT pk_held_credentials PRIMARY KEY (id);

ALTER TABLE ONLY public.issued_statuses
    ADD CONSTRAINT pk_issued_statuses PRIMARY KEY (index);

ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT pk_ledger PRIMARY KEY (id);

ALTER TABLE ONLY public.left_out
    ADD CONSTRAINT pk_left_out PRIMARY KEY (attempt_id, rule, started_at);

ALTER TABLE ONLY public.lesson_progress
    ADD CONSTRAINT pk_lesson_progress PRIMARY KEY (course_id, user_id, lesson);

ALTER TABLE ONLY public.life_signs
    ADD CONSTRAINT pk_life_signs PRIMARY KEY (attempt_id, number);

ALTER TABLE ONLY public.lockdown_rules
    ADD CONSTRAINT pk_lockdown_rules PRIMARY KEY (sitting_id);

ALTER TABLE ONLY public.log_anchors
    ADD CONSTRAINT pk_log_anchors PRIMARY KEY (size, kind);

ALTER TABLE ONLY public.log_entries
    ADD CONSTRAINT pk_log_entries PRIMARY KEY (index);

ALTER TABLE ONLY public.log_keys
    ADD CONSTRAINT pk_log_keys PRIMARY KEY (key);

ALTER TABLE ONLY public.log_policies
    ADD CONSTRAINT pk_log_policies PRIMARY KEY (index);

ALTER TABLE ONLY public.log_tiles
    ADD CONSTRAINT pk_log_tiles PRIMARY KEY (level, index);

ALTER TABLE ONLY public.login_sessions
    ADD CONSTRAINT pk_login_sessions PRIMARY KEY (id);

ALTER TABLE ONLY public.lookalikes
    ADD CONSTRAINT pk_lookalikes PRIMARY KEY (one, other);

ALTER TABLE ONLY public.name_changes
    ADD CONSTRAINT pk_name_changes PRIMARY KEY (id);

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT pk_passkeys PRIMARY KEY (id);

ALTER TABLE ONLY public.programmes
    ADD CONSTRAINT pk_programmes PRIMARY KEY (id);

ALTER TABLE ONLY public.receipt_heads
    ADD CONSTRAINT pk_receipt_heads PRIMARY KEY (attempt_id);

ALTER TABLE ONLY public.receipt_mails
    ADD CONSTRAINT pk_receipt_mails PRIMARY KEY (attempt_id);

ALTER TABLE ONLY public.reference_photos
    ADD CONSTRAINT pk_reference_photos PRIMARY KEY (attempt_id, number);

ALTER TABLE ONLY public.responses
    ADD CONSTRAINT pk_responses PRIMARY KEY (attempt_id, seq);

ALTER TABLE ONLY public.roster
    ADD CONSTRAINT pk_roster PRIMARY KEY (sitting_id, user_id);

ALTER TABLE ONLY public.seen_proofs
    ADD CONSTRAINT pk_seen_proofs PRIMARY KEY (jti);

ALTER TABLE ONLY public.shown_rules
    ADD CONSTRAINT pk_shown_rules PRIMARY KEY (sitting_id);

ALTER TABLE ONLY public.sittings
    ADD CONSTRAINT pk_sittings PRIMARY KEY (id);

ALTER TABLE ONLY public.skill_maps
    ADD CONSTRAINT pk_skill_maps PRIMARY KEY (id);

ALTER TABLE ONLY public.sounds
    ADD CONSTRAINT pk_sounds PRIMARY KEY (attempt_id, number);

ALTER TABLE ONLY public.spot_checks
    ADD CONSTRAINT pk_spot_checks PRIMARY KEY (attempt_id, number);

ALTER TABLE ONLY public.stack_notices
    ADD CONSTRAINT pk_stack_notices PRIMARY KEY (id);

ALTER TABLE ONLY public.stacked_parts
    ADD CONSTRAINT pk_stacked_parts PRIMARY KEY (certificate_id, part_id);

ALTER TABLE ONLY public.status_lists
    ADD CONSTRAINT pk_status_lists PRIMARY KEY (version);

ALTER TABLE ONLY public.throttles
    ADD CONSTRAINT pk_throttles PRIMARY KEY (key);

ALTER TABLE ONLY public.trials
    ADD CONSTRAINT pk_trials PRIMARY KEY (id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT pk_users PRIMARY KEY (id);

ALTER TABLE ONLY public.watchings
    ADD CONSTRAINT pk_watchings PRIMARY KEY (attempt_id);

ALTER TABLE ONLY public.activation_codes
    ADD CONSTRAINT uq_activation_codes_code_hash UNIQUE (code_hash);

ALTER TABLE ONLY public.aside_answers
    ADD CONSTRAINT uq_aside_answers_attempt_id_jkt_place_answer_hash UNIQUE (attempt_id, jkt, place, answer_hash);

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT uq_attempts_sitting_id_candidate_id_number UNIQUE (sitting_id, candidate_id, number);

ALTER TABLE ONLY public.certificate_batch_rows
    ADD CONSTRAINT uq_certificate_batch_rows_certificate_id UNIQUE (certificate_id);

ALTER TABLE ONLY public.certificates
    ADD CONSTRAINT uq_certificates_log_index UNIQUE (log_index);

ALTER TABLE ONLY public.certificates
    ADD CONSTRAINT uq_certificates_status_index UNIQUE (status_index);

ALTER TABLE ONLY public.courses
    ADD CONSTRAINT uq_courses_slug UNIQUE (slug);

ALTER TABLE ONLY public.entry_rules
    ADD CONSTRAINT uq_entry_rules_link UNIQUE (link);

ALTER TABLE ONLY public.exam_versions
    ADD CONSTRAINT uq_exam_versions_exam_id_number UNIQUE (exam_id, number);

ALTER TABLE ONLY public.held_credentials
    ADD CONSTRAINT uq_held_credentials_user_id_issuer_credential_id UNIQUE (user_id, issuer, credential_id);

ALTER TABLE ONLY public.issued_statuses
    ADD CONSTRAINT uq_issued_statuses_credential_id UNIQUE (credential_id);

ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT uq_ledger_stream_seq UNIQUE (stream, seq);

ALTER TABLE ONLY public.login_sessions
    ADD CONSTRAINT uq_login_sessions_token_hash UNIQUE (token_hash);

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT uq_passkeys_credential_id UNIQUE (credential_id);

ALTER TABLE ONLY public.programmes
    ADD CONSTRAINT uq_programmes_slug_number UNIQUE (slug, number);

ALTER TABLE ONLY public.receipt_heads
    ADD CONSTRAINT uq_receipt_heads_log_index UNIQUE (log_index);

ALTER TABLE ONLY public.skill_maps
    ADD CONSTRAINT uq_skill_maps_slug_number UNIQUE (slug, number);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT uq_users_email UNIQUE (email);

CREATE INDEX ix_activation_codes_user_id ON public.activation_codes USING btree (user_id);

CREATE INDEX ix_app_codes_consent_id ON public.app_codes USING btree (consent_id);

CREATE INDEX ix_app_consents_app_id ON public.app_consents USING btree (app_id);

CREATE INDEX ix_app_consents_user_id ON public.app_consents USING btree (user_id);

CREATE INDEX ix_app_tokens_consent_id ON public.app_tokens USING btree (consent_id);

CREATE INDEX ix_app_tokens_expires_at ON public.app_tokens USING btree (expires_at);

CREATE INDEX ix_attempts_candidate_id ON public.attempts USING btree (candidate_id);

CREATE INDEX ix_certificate_batch_rows_holder_id ON public.certificate_batch_rows USING btree (holder_id);

CREATE INDEX ix_certificate_batch_rows_waiting ON public.certificate_batch_rows USING btree (batch_id, number) WHERE ((certificate_id IS NULL) AND (problem IS NULL));

CREATE INDEX ix_certificate_batches_open ON public.certificate_batches USING btree (made_at) WHERE (finished_at IS NULL);

CREATE INDEX ix_certificate_listings_folded ON public.certificate_listings USING btree (folded);

CREATE INDEX ix_certificates_attempt_id ON public.certificates USING btree (attempt_id);

CREATE INDEX ix_certificates_holder_id ON public.certificates USING btree (holder_id);

CREATE INDEX ix_certificates_replaces_id ON public.certificates USING btree (replaces_id);

CREATE INDEX ix_certificates_valid_until ON public.certificates USING btree (valid_until);

CREATE INDEX ix_challenges_expires_at ON public.challenges USING btree (expires_at);

CREATE INDEX ix_connected_apps_registered_at ON public.connected_apps USING btree (registered_at);

CREATE INDEX ix_credit_activities_certificate_id ON public.credit_activities USING btree (certificate_id);

CREATE INDEX ix_credit_activities_waiting ON public.credit_activities USING btree (noted_at) WHERE (decided_at IS NULL);

CREATE INDEX ix_decisions_attempt_id ON public.decisions USING btree (attempt_id);

CREATE INDEX ix_enrolments_user_id ON public.enrolments USING btree (user_id);

CREATE INDEX ix_erasures_attempt_id ON public.erasures USING btree (attempt_id);

CREATE INDEX ix_exams_course_id ON public.exams USING btree (course_id);

CREATE INDEX ix_findings_sitting_id ON public.findings USING btree (sitting_id);

CREATE INDEX ix_flags_attempt_id ON public.flags USING btree (attempt_id);

CREATE INDEX ix_frames_taken ON public.frames USING btree (attempt_id, taken_at);

CREATE INDEX ix_frames_waiting ON public.frames USING btree (attempt_id, number) WHERE (analysed_at IS NULL);

CREATE INDEX ix_grades_attempt_id_item_id ON public.grades USING btree (attempt_id, item, id);

CREATE INDEX ix_held_credentials_app_id ON public.held_credentials USING btree (app_id);

CREATE INDEX ix_issued_statuses_revoked_at ON public.issued_statuses USING btree (revoked_at);

CREATE INDEX ix_ledger_at ON public.ledger USING btree (at);

CREATE INDEX ix_ledger_tag ON public.ledger USING btree (tag);

CREATE INDEX ix_lesson_progress_user_id ON public.lesson_progress USING btree (user_id);

CREATE INDEX ix_login_sessions_user_id ON public.login_sessions USING btree (user_id);

CREATE INDEX ix_lookalikes_other ON public.lookalikes USING btree (other);

CREATE INDEX ix_name_changes_user_id ON public.name_changes USING btree (user_id);

CREATE INDEX ix_passkeys_user_id ON public.passkeys USING btree (user_id);

CREATE INDEX ix_receipt_heads_waiting ON public.receipt_heads USING btree (sealed_at) WHERE (log_index IS NULL);

CREATE INDEX ix_responses_attempt_id_item_seq ON public.responses USING btree (attempt_id, item, seq);

CREATE INDEX ix_roster_user_id ON public.roster USING btree (user_id);

CREATE INDEX ix_seen_proofs_expires_at ON public.seen_proofs USING btree (expires_at);

CREATE INDEX ix_sittings_version_id ON public.sittings USING btree (version_id);

CREATE INDEX ix_sounds_taken ON public.sounds USING btree (attempt_id, taken_at);

CREATE INDEX ix_sounds_waiting ON public.sounds USING btree (attempt_id, number) WHERE (analysed_at IS NULL);

CREATE INDEX ix_stack_notices_certificate_id ON public.stack_notices USING btree (certificate_id);

CREATE INDEX ix_stacked_parts_part_id ON public.stacked_parts USING btree (part_id);

CREATE INDEX ix_trials_attempt_id_asked_at ON public.trials USING btree (attempt_id, asked_at);

CREATE INDEX ix_trials_waiting ON public.trials USING btree (asked_at) WHERE ((state)::text = ANY ((ARRAY['waiting'::character varying, 'running'::character varying])::text[]));

CREATE UNIQUE INDEX uq_app_consents_good ON public.app_consents USING btree (user_id, app_id) WHERE (revoked_at IS NULL);

CREATE UNIQUE INDEX uq_certificates_good ON public.certificates USING btree (attempt_id) WHERE (revoked_at IS NULL);

CREATE UNIQUE INDEX uq_name_changes_waiting ON public.name_changes USING btree (user_id) WHERE (decided_at IS NULL);

CREATE UNIQUE INDEX uq_programmes_open ON public.programmes USING btree (slug) WHERE ((opened_at IS NOT NULL) AND (closed_at IS NULL));

CREATE UNIQUE INDEX uq_stack_notices_open ON public.stack_notices USING btree (certificate_id) WHERE (settled_at IS NULL);

ALTER TABLE ONLY public.activation_codes
    ADD CONSTRAINT fk_activation_codes_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.app_codes
    ADD CONSTRAINT fk_app_codes_consent_id_app_consents FOREIGN KEY (consent_id) REFERENCES public.app_consents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.app_consents
    ADD CONSTRAINT fk_app_consents_app_id_connected_apps FOREIGN KEY (app_id) REFERENCES public.connected_apps(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.app_consents
    ADD CONSTRAINT fk_app_consents_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.app_tokens
    ADD CONSTRAINT fk_app_tokens_consent_id_app_consents FOREIGN KEY (consent_id) REFERENCES public.app_consents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.aside_answers
    ADD CONSTRAINT fk_aside_answers_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.aside_answers
    ADD CONSTRAINT fk_aside_answers_taken_by_users FOREIGN KEY (taken_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.attachment_chunks
    ADD CONSTRAINT fk_attachment_chunks_attempt_id_attachments FOREIGN KEY (attempt_id, attachment_id) REFERENCES public.attachments(attempt_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT fk_attachments_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT fk_attempts_candidate_id_users FOREIGN KEY (candidate_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT fk_attempts_sitting_id_sittings FOREIGN KEY (sitting_id) REFERENCES public.sittings(id);

ALTER TABLE ONLY public.badge_profiles
    ADD CONSTRAINT fk_badge_profiles_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.browser_proofs
    ADD CONSTRAINT fk_browser_proofs_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.browser_proofs
    ADD CONSTRAINT fk_browser_proofs_excused_by_users FOREIGN KEY (excused_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.browser_signals
    ADD CONSTRAINT fk_browser_signals_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.certificate_batch_rows
    ADD CONSTRAINT fk_certificate_batch_rows_batch_id_certificate_batches FOREIGN KEY (batch_id) REFERENCES public.certificate_batches(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.certificate_batch_rows
    ADD CONSTRAINT fk_certificate_batch_rows_certificate_id_certificates FOREIGN KEY (certificate_id) REFERENCES public.certificates(id);

ALTER TABLE ONLY public.certificate_batch_rows
    ADD CONSTRAINT fk_certificate_batch_rows_holder_id_users FOREIGN KEY (holder_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.certificate_batches
    ADD CONSTRAINT fk_certificate_batches_approved_by_users FOREIGN KEY (approved_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.certificate_batches
    ADD CONSTRAINT fk_certificate_batches_made_by_users FOREIGN KEY (made_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.certificate_listings
    ADD CONSTRAINT fk_certificate_listings_certificate_id_certificates FOREIGN KEY (certificate_id) REFERENCES public.certificates(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.certificate_reminders
    ADD CONSTRAINT fk_certificate_reminders_certificate_id_certificates FOREIGN KEY (certificate_id) REFERENCES public.certificates(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.certificates
    ADD CONSTRAINT fk_certificates_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id);

ALTER TABLE ONLY public.certificates
    ADD CONSTRAINT fk_certificates_holder_id_users FOREIGN KEY (holder_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.certificates
    ADD CONSTRAINT fk_certificates_replaces_id_certificates FOREIGN KEY (replaces_id) REFERENCES public.certificates(id);

ALTER TABLE ONLY public.challenges
    ADD CONSTRAINT fk_challenges_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.clips
    ADD CONSTRAINT fk_clips_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.cohort_runs
    ADD CONSTRAINT fk_cohort_runs_sitting_id_sittings FOREIGN KEY (sitting_id) REFERENCES public.sittings(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT fk_consents_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.credit_activities
    ADD CONSTRAINT fk_credit_activities_certificate_id_certificates FOREIGN KEY (certificate_id) REFERENCES public.certificates(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.credit_activities
    ADD CONSTRAINT fk_credit_activities_decided_by_users FOREIGN KEY (decided_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT fk_decisions_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT fk_decisions_decided_by_users FOREIGN KEY (decided_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.enrolments
    ADD CONSTRAINT fk_enrolments_course_id_courses FOREIGN KEY (course_id) REFERENCES public.courses(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.enrolments
    ADD CONSTRAINT fk_enrolments_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.entry_rules
    ADD CONSTRAINT fk_entry_rules_sitting_id_sittings FOREIGN KEY (sitting_id) REFERENCES public.sittings(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT fk_erasures_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.evidence_keys
    ADD CONSTRAINT fk_evidence_keys_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.exam_checks
    ADD CONSTRAINT fk_exam_checks_asked_by_users FOREIGN KEY (asked_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.exam_checks
    ADD CONSTRAINT fk_exam_checks_exam_id_exams FOREIGN KEY (exam_id) REFERENCES public.exams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.exam_versions
    ADD CONSTRAINT fk_exam_versions_exam_id_exams FOREIGN KEY (exam_id) REFERENCES public.exams(id);

ALTER TABLE ONLY public.exam_versions
    ADD CONSTRAINT fk_exam_versions_published_by_users FOREIGN KEY (published_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.exams
    ADD CONSTRAINT fk_exams_course_id_courses FOREIGN KEY (course_id) REFERENCES public.courses(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.exams
    ADD CONSTRAINT fk_exams_owner_id_users FOREIGN KEY (owner_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.findings
    ADD CONSTRAINT fk_findings_sitting_id_sittings FOREIGN KEY (sitting_id) REFERENCES public.sittings(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.flags
    ADD CONSTRAINT fk_flags_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.frames
    ADD CONSTRAINT fk_frames_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.grades
    ADD CONSTRAINT fk_grades_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.held_credentials
    ADD CONSTRAINT fk_held_credentials_app_id_connected_apps FOREIGN KEY (app_id) REFERENCES public.connected_apps(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.held_credentials
    ADD CONSTRAINT fk_held_credentials_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.left_out
    ADD CONSTRAINT fk_left_out_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.lesson_progress
    ADD CONSTRAINT fk_lesson_progress_course_id_courses FOREIGN KEY (course_id) REFERENCES public.courses(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.lesson_progress
    ADD CONSTRAINT fk_lesson_progress_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.life_signs
    ADD CONSTRAINT fk_life_signs_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.lockdown_rules
    ADD CONSTRAINT fk_lockdown_rules_sitting_id_sittings FOREIGN KEY (sitting_id) REFERENCES public.sittings(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.log_anchors
    ADD CONSTRAINT fk_log_anchors_size_checkpoints FOREIGN KEY (size) REFERENCES public.checkpoints(size);

ALTER TABLE ONLY public.login_sessions
    ADD CONSTRAINT fk_login_sessions_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.lookalikes
    ADD CONSTRAINT fk_lookalikes_one_attempts FOREIGN KEY (one) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.lookalikes
    ADD CONSTRAINT fk_lookalikes_other_attempts FOREIGN KEY (other) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.name_changes
    ADD CONSTRAINT fk_name_changes_decided_by_users FOREIGN KEY (decided_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.name_changes
    ADD CONSTRAINT fk_name_changes_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT fk_passkeys_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.programmes
    ADD CONSTRAINT fk_programmes_created_by_users FOREIGN KEY (created_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.receipt_heads
    ADD CONSTRAINT fk_receipt_heads_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.receipt_mails
    ADD CONSTRAINT fk_receipt_mails_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reference_photos
    ADD CONSTRAINT fk_reference_photos_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.responses
    ADD CONSTRAINT fk_responses_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.roster
    ADD CONSTRAINT fk_roster_sitting_id_sittings FOREIGN KEY (sitting_id) REFERENCES public.sittings(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.roster
    ADD CONSTRAINT fk_roster_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.shown_rules
    ADD CONSTRAINT fk_shown_rules_sitting_id_sittings FOREIGN KEY (sitting_id) REFERENCES public.sittings(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sittings
    ADD CONSTRAINT fk_sittings_created_by_users FOREIGN KEY (created_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.sittings
    ADD CONSTRAINT fk_sittings_version_id_exam_versions FOREIGN KEY (version_id) REFERENCES public.exam_versions(id);

ALTER TABLE ONLY public.skill_maps
    ADD CONSTRAINT fk_skill_maps_created_by_users FOREIGN KEY (created_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.sounds
    ADD CONSTRAINT fk_sounds_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.spot_checks
    ADD CONSTRAINT fk_spot_checks_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stack_notices
    ADD CONSTRAINT fk_stack_notices_certificate_id_certificates FOREIGN KEY (certificate_id) REFERENCES public.certificates(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stack_notices
    ADD CONSTRAINT fk_stack_notices_settled_by_users FOREIGN KEY (settled_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.stacked_parts
    ADD CONSTRAINT fk_stacked_parts_certificate_id_certificates FOREIGN KEY (certificate_id) REFERENCES public.certificates(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stacked_parts
    ADD CONSTRAINT fk_stacked_parts_part_id_certificates FOREIGN KEY (part_id) REFERENCES public.certificates(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stacked_parts
    ADD CONSTRAINT fk_stacked_parts_programme_id_programmes FOREIGN KEY (programme_id) REFERENCES public.programmes(id);

ALTER TABLE ONLY public.trials
    ADD CONSTRAINT fk_trials_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.watchings
    ADD CONSTRAINT fk_watchings_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES public.attempts(id) ON DELETE CASCADE;
