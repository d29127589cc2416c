// Why a camera or a microphone did not open, as one of four things that a person can do something about.

const REASONS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "absent",
  OverconstrainedError: "absent",
  NotReadableError: "busy",
  AbortError: "busy",
};

// "refused", "absent", "busy" or "other".
export const reasonOf = (error) => REASONS[error?.name] ?? "other";
