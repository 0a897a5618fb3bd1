package mediaconvert

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/vodstack/vodstack/internal/apimodel"
	"github.com/vodstack/vodstack/internal/local/transcode"
)

// maxViolations bounds an error message.
const maxViolations = 10

// validate holds a request against the service's API model, where that knows
// the operation; the few others have only members that are read here.
func validate(operation string, body json.RawMessage) error {
	if !modelled(operation) {
		return nil
	}
	violations := apimodel.Validate(operation, body)
	if len(violations) == 0 {
		return nil
	}
	texts := make([]string, 0, maxViolations)
	for _, v := range violations[:min(len(violations), maxViolations)] {
		texts = append(texts, strings.TrimPrefix(v.String(), ": "))
	}
	return badRequest("%s", strings.Join(texts, "\n"))
}

func modelled(operation string) bool {
	model, err := apimodel.Load()
	return err != nil || model.Operations[operation] != nil // Validate tells the error
}

// checkSettings refuses settings that are valid on AWS and not carried out
// here.
func (s *Server) checkSettings(settings json.RawMessage) error {
	_, err := s.check(settings)
	if refusal, ok := errors.AsType[*transcode.Refusal](err); ok {
		return badRequest("%s", apimodel.Violation{Path: refusal.Path, Message: refusal.Message})
	}
	if err != nil {
		return badRequest("/settings: %v", err)
	}
	return nil
}
