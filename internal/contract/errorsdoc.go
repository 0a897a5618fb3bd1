package contract

import (
	"fmt"
	"strings"
)

// ErrorsDoc is docs/errors.md, made of the published list.
func ErrorsDoc() string {
	var b strings.Builder
	b.WriteString(`# Errors

<!-- Made from internal/contract/codes.go: go test ./internal/contract -run Errors -update -->

A video that cannot be published ends in ` + "`Error`" + `: in its record, in a message on
the topic and in one on the result queue, which all carry the same ` + "`errorCode`" + `
and ` + "`errorMessage`" + `. The message is one sentence about this video; the code is
one of this list. Codes are added, never renamed. The REST API tells its callers
the code's meaning, with what they have sent: the sentence itself may quote AWS
services, and is the operator's.

| ` + "`errorCode`" + ` | Meaning | The uploader | The operator |
|---|---|---|---|
`)
	for _, c := range Codes {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.Code, c.Meaning, c.Uploader, c.Operator)
	}
	b.WriteString(APIErrorsDoc())
	return b.String()
}
