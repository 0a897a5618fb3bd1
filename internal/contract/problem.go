package contract

import "fmt"

// Problem is an error of the REST API, as RFC 9457 writes it, with the code
// of docs/errors.md and the field that is to blame.
type Problem struct {
	Type   string `json:"type" format:"uri" doc:"urn:vodstack:error: and the code." example:"urn:vodstack:error:VideoUnknown"`
	Title  string `json:"title" doc:"A few words, the same for every problem of this code." example:"No such video"`
	Status int    `json:"status" minimum:"400" maximum:"599" doc:"The HTTP status." example:"404"`
	Detail string `json:"detail" doc:"What was wrong, what is allowed, what to do next." example:"There is no video of this id among yours; GET /videos lists them."`
	Code   Code   `json:"code" doc:"From docs/errors.md; codes are added, never renamed." example:"VideoUnknown"`
	Field  string `json:"field,omitempty" doc:"Who is to blame: a field of the body by its path, a parameter or a header." example:"options.inputRotate"`
}

// ProblemType is the URI of a code.
func ProblemType(code Code) string { return "urn:vodstack:error:" + string(code) }

// Problemf makes a problem with the status and the title of its code.
func Problemf(code Code, format string, args ...any) *Problem {
	info := ExplainAPI(code)
	return &Problem{
		Type: ProblemType(code), Title: info.Title, Status: info.Status, Code: code,
		Detail: fmt.Sprintf(format, args...),
	}
}

// In names the field that is to blame.
func (p *Problem) In(field string) *Problem {
	p.Field = field
	return p
}

// Error is the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status, under the name that huma asks for.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is the media type of a problem in JSON.
func (p *Problem) ContentType(string) string { return "application/problem+json" }
