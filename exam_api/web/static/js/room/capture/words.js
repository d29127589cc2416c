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

// Programs that stand between a camera and the browser often say so in their name. A name proves nothing.
const VIRTUAL = /\b(OBS|ManyCam|Snap Camera|XSplit|CamTwist|SplitCam|YouCam|AlterCam|e2eSoft|VCam|v4l2loopback|virtual)\b/i;
export const isVirtual = (label) => VIRTUAL.test(label);
