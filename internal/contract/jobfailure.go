package contract

import "fmt"

// Verdict is the pipeline's own judgement of a job, such as a deadline that
// has passed; it stands in the place of the service's.
type Verdict struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

// jobCodes are MediaConvert's job error codes that say whose fault it is; any
// other is CodeJobFailed. Source: AWS Elemental MediaConvert User Guide, Error
// codes, in the last version that AWS published on GitHub (2023).
var jobCodes = map[int]Code{
	1010: CodeSourceUnreadable, // an input file cannot be opened
	1020: CodeSourceUnreadable, // no video in the input
	1021: CodeSourceUnreadable, // no audio in the input
	1030: CodeSourceUnreadable, // codec or container not supported
	1040: CodeJobRefused,       // settings that do not go together, or with the input
	1041: CodeJobRefused,       // settings that do not go with acceleration
	1042: CodeJobRefused,       // too little work for acceleration
	1075: CodeSourceUnreadable, // the demultiplexer gave up
	1076: CodeSourceUnreadable, // the input ends before it should
	1092: CodeSourceUnreadable, // a sound track cannot be decoded
	1401: CodeAccessDenied,     // S3 denies access to a file or bucket
	1404: CodeSourceGone,       // S3 has no such file or bucket
	1432: CodeAccessDenied,     // the role lacks permissions
	1433: CodeAccessDenied,     // there is no such role
	1434: CodeAccessDenied,     // the role does not trust MediaConvert
	1515: CodeAccessDenied,     // the role is malformed
	3400: CodeSourceUnreadable, // an HLS input that MediaConvert does not take
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
	return Failf(code, jobFailed+" %s", d.JobID, d.ErrorCode, clip(d.ErrorMessage))
}

// jobFailed is how the message of a job's failure begins.
const jobFailed = "MediaConvert job %s failed with code %d:"

// JobErrorNumber is MediaConvert's error code in a message that Failure has
// made: all that those may read of it who are no operators.
func JobErrorNumber(message string) (number int, ok bool) {
	var job string
	n, _ := fmt.Sscanf(message, jobFailed, &job, &number)
	// Four digits, as all of MediaConvert's codes: no other number passes.
	return number, n == 2 && number >= 1000 && number <= 9999
}
