package contract

// Verdict is the pipeline's own judgement of a job, such as a deadline that
// has passed; it stands in the place of the service's.
type Verdict struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

// jobCodes are MediaConvert's job error codes that say whose fault it is.
// Source: AWS Elemental MediaConvert User Guide, Error codes,
// https://docs.aws.amazon.com/mediaconvert/latest/ug/mediaconvert_error_codes.html
var jobCodes = map[int]Code{
	1010: CodeSourceUnreadable, // an input file cannot be opened
	1020: CodeSourceUnreadable, // an input cannot be demultiplexed
	1021: CodeSourceUnreadable,
	1022: CodeSourceUnreadable,
	1030: CodeSourceUnreadable, // the video cannot be decoded
	1040: CodeSourceUnreadable, // an input has an unsupported or damaged stream
	1041: CodeSourceUnreadable,
	1042: CodeSourceUnreadable,
	1043: CodeSourceUnreadable,
	1076: CodeSourceUnreadable, // the demultiplexer failed
	1401: CodeAccessDenied,     // S3 says 401 or 403 for an input
	1404: CodeSourceGone,       // S3 says 404 for an input
	3400: CodeInternal,         // S3 refuses a request for an output
	3401: CodeAccessDenied,     // S3 says 401 for an output
	3403: CodeAccessDenied,     // S3 says 403 for an output
	3404: CodeAccessDenied,     // the destination bucket is not there
}

// Failure is what a job's last event means for the video, nil when the job
// completed.
func (d JobDetail) Failure() *Failure {
	switch {
	case d.Verdict != nil:
		return &Failure{Code: d.Verdict.Code, Message: d.Verdict.Message}
	case d.Status == JobComplete:
		return nil
	case d.Status == JobCanceled:
		return Failf(CodeJobCanceled, "the MediaConvert job %s was cancelled", d.JobID)
	}
	code, ok := jobCodes[d.ErrorCode]
	if !ok {
		code = CodeJobFailed
	}
	return Failf(code, "MediaConvert job %s failed with code %d: %s", d.JobID, d.ErrorCode, clip(d.ErrorMessage))
}
