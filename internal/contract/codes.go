package contract

// Code is a published name of a way to fail. The list is a promise: codes
// are added, never renamed.
type Code string

// The codes. What they mean is in the list below, and in docs/errors.md,
// which is made of it.
const (
	CodeEmptySource        Code = "EmptySource"
	CodeSourceGone         Code = "SourceGone"
	CodeSourceReplaced     Code = "SourceReplaced"
	CodeSourceUnreadable   Code = "SourceUnreadable"
	CodeSourceUnencodable  Code = "SourceUnencodable"
	CodeSourceTooLong      Code = "SourceTooLong"
	CodeSourceTooLarge     Code = "SourceTooLarge"
	CodeMetadataInvalid    Code = "MetadataInvalid"
	CodeMetadataTooLarge   Code = "MetadataTooLarge"
	CodeOptionUnavailable  Code = "OptionUnavailable"
	CodeJobTemplateUnknown Code = "JobTemplateUnknown"
	CodeJobTemplateInvalid Code = "JobTemplateInvalid"
	CodeJobRefused         Code = "JobRefused"
	CodeJobFailed          Code = "JobFailed"
	CodeJobCanceled        Code = "JobCanceled"
	CodeJobTimedOut        Code = "JobTimedOut"
	CodeJobNotStarted      Code = "JobNotStarted"
	CodeOutputMissing      Code = "OutputMissing"
	CodeAccessDenied       Code = "AccessDenied"
	CodeThrottled          Code = NameThrottled
	CodeUnavailable        Code = NameUnavailable
	CodeExecutionStopped   Code = "ExecutionStopped"
	CodeVideoDeleted       Code = "VideoDeleted"
	CodeUploadExpired      Code = "UploadExpired"
	CodeUploadAborted      Code = "UploadAborted"
	CodeInternal           Code = "Internal"
)

// CodeInfo explains a code to those who meet it.
type CodeInfo struct {
	Code     Code
	Meaning  string // one sentence, also the message where none is more exact
	Uploader string // what the uploader does
	Operator string // what the operator does
}

// Codes is the published list, in the order of docs/errors.md: the uploader's
// file first, then the encoder's job, then the stack.
var Codes = []CodeInfo{
	{CodeEmptySource, "The uploaded file has no bytes.",
		"Upload the file again; an interrupted upload often leaves an empty one.", "Nothing."},
	{CodeSourceGone, "The video is not in the source bucket: it was deleted, or the metadata file names a key that has never been there.",
		"Upload the video first, then its metadata file; keys are compared letter by letter, a leading slash counts.", "Check that no lifecycle rule or clean-up deletes sources before they are encoded."},
	{CodeSourceReplaced, "A newer upload to the same key took this one's place before it was published.",
		"Nothing: the newer upload has a guid of its own. To keep both, give each upload its own key.", "Nothing."},
	{CodeSourceUnreadable, "The file is not a video that the encoder can read: it is damaged, cut short, something else under a video's name, or a playlist or movie that names other files.",
		"Play the file locally; export it again as MP4 (H.264, AAC) and upload that.", "Nothing, unless it happens to files that play everywhere: then compare the container and codec with MediaConvert's list."},
	{CodeSourceUnencodable, "The file can be read but has nothing to encode: no picture and no sound that the encoder knows.",
		"Upload a file with a video or sound track.", "Nothing."},
	{CodeSourceTooLong, "The video lasts longer than the stack takes.",
		"Upload it in shorter parts.", "Raise maxDurationMinutes."},
	{CodeSourceTooLarge, "The picture has more pixels than the stack takes.",
		"Export the video in a smaller size.", "Raise maxPixels."},
	{CodeMetadataInvalid, "The metadata file is not what the contract says; the message names each key and what is allowed.",
		"Correct the keys that the message names and upload the metadata file again.", "Nothing."},
	{CodeMetadataTooLarge, "The metadata file, or the free metadata in it, is larger than the record can keep.",
		"Shorten the free metadata, or keep it elsewhere and write a reference.", "Nothing."},
	{CodeOptionUnavailable, "An option is asked for that this version does not carry out.",
		"Leave the option out and upload the metadata file again.", "Nothing."},
	{CodeJobTemplateUnknown, "There is no MediaConvert job template of the name that was asked for.",
		"Correct jobTemplate in the metadata file.", "Create the template in the stack's account and region, or correct the configuration key jobTemplate."},
	{CodeJobTemplateInvalid, "The job template cannot be used: it has no output group that the pipeline can place.",
		"Use another template.", "Give the template at least one HLS, DASH, CMAF, MS Smooth or File output group."},
	{CodeJobRefused, "MediaConvert refused the job that was made for this video.",
		"Upload the video in another format.", "Read the message in the record; with a custom template correct that, else report the record's encodingJob as a bug."},
	{CodeJobFailed, "MediaConvert gave up while it encoded the video.",
		"Upload the video again; if it fails again, in another format.", "Look up the job's own error code, which the message has, in MediaConvert's list."},
	{CodeJobCanceled, "The MediaConvert job was cancelled.",
		"Upload the video again.", "Find out who cancelled it: CloudTrail has the CancelJob call."},
	{CodeJobTimedOut, "The encode took longer than the stack allows, and was stopped.",
		"Upload a shorter or smaller video.", "Raise encodeDeadlineMinutes, or see why the job made no progress."},
	{CodeJobNotStarted, "The job waited in MediaConvert's queue longer than the stack allows, and was cancelled.",
		"Upload the video again later.", "Raise queueDeadlineMinutes, or see what fills or pauses the queue."},
	{CodeOutputMissing, "The encoder reported success, but what it announced is not in the destination bucket.",
		"Upload the video again.", "Check that nothing else writes to or deletes from the destination bucket."},
	{CodeAccessDenied, "A permission is missing in the stack.",
		"Nothing; tell the operator.", "Deploy the stack again; check key policies, bucket policies and service control policies for what the message names."},
	{CodeThrottled, "An AWS service refused for too long because too much was asked of it.",
		"Upload the video again later.", "Raise the service quota that the message names."},
	{CodeUnavailable, "An AWS service did not answer, however often it was asked.",
		"Upload the video again later.", "See the AWS Health Dashboard; upload the source again, or copy it onto itself, once the service is back."},
	{CodeExecutionStopped, "The execution was stopped or ran out of time.",
		"Upload the video again.", "Find out who stopped it: CloudTrail has the StopExecution call."},
	{CodeVideoDeleted, "The video was deleted through the API before its upload had ended.",
		"Nothing, or create the video anew.", "Nothing: what arrived late is deleted, too."},
	{CodeUploadExpired, "No upload arrived before its URL expired.",
		"Ask for fresh URLs (GET /videos/{id}/upload) and go on; parts that have arrived are kept for abandonedUploadDays.", "Nothing; raise uploadUrlSeconds if it happens to slow connections."},
	{CodeUploadAborted, "The upload was aborted by its client.",
		"Ask for fresh URLs (GET /videos/{id}/upload) to begin again, or delete the video.", "Nothing."},
	{CodeInternal, "Something happened that the pipeline does not know.",
		"Upload the video again; if it fails again, tell the operator.", "Follow errorDetails to the execution and read the function's log; report it as a bug."},
}

// Explain is the published explanation of a code; ok is false for a name that
// is none.
func Explain(code Code) (info CodeInfo, ok bool) {
	for _, info := range Codes {
		if info.Code == code {
			return info, true
		}
	}
	return CodeInfo{}, false
}
