package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vodstack/vodstack/internal/contract"
)

// shownErrors is how many errors of one request are told.
const shownErrors = 8

// newProblem makes a problem of what the framework found wrong.
func newProblem(status int, text string, errs ...error) huma.StatusError {
	switch status {
	case http.StatusBadRequest:
		return contract.Problemf(contract.CodeRequestUnreadable, "%s", unreadable(text, errs))
	case http.StatusRequestEntityTooLarge:
		return contract.Problemf(contract.CodeBodyTooLarge, "%s; send less", text)
	case http.StatusUnsupportedMediaType:
		return contract.Problemf(contract.CodeBodyTypeUnsupported, "the body must be JSON; send it with Content-Type: application/json")
	case http.StatusUnprocessableEntity:
		return invalid(errs)
	}
	return contract.Problemf(contract.CodeInternal, "%s", internalText)
}

const internalText = "something happened that the API does not know; try again, and if it fails again, tell the operator"

func unreadable(text string, errs []error) string {
	for _, err := range errs {
		var detail *huma.ErrorDetail
		if errors.As(err, &detail) {
			return "the body is not JSON: " + detail.Message + "; send one JSON object"
		}
	}
	return text + "; send one JSON object"
}

// invalid makes one problem of all that is wrong, with the field of the first.
func invalid(errs []error) *contract.Problem {
	var said []string
	var first *contract.Problem
	for _, err := range errs {
		var detail *huma.ErrorDetail
		if !errors.As(err, &detail) {
			detail = &huma.ErrorDetail{Message: err.Error()}
		}
		problem := blame(detail)
		if first == nil || first.Code == contract.CodeRequestInvalid && problem.Code != first.Code {
			first = problem
		}
		if len(said) < shownErrors {
			said = append(said, problem.Detail)
		}
	}
	if first == nil {
		first = contract.Problemf(contract.CodeRequestInvalid, "the request is not valid")
	}
	if first.Code == contract.CodeRequestInvalid && len(said) > 0 {
		first.Detail = strings.Join(said, "; ")
	}
	return first
}

var requiredProperty = regexp.MustCompile(`^expected required property (\S+) to be present$`)

// blame finds out which field an error is about.
func blame(detail *huma.ErrorDetail) *contract.Problem {
	place, field, _ := strings.Cut(detail.Location, ".")
	if place == "path" {
		return unknownVideo()
	}
	message := detail.Message
	if m := requiredProperty.FindStringSubmatch(message); m != nil {
		field, message = strings.TrimPrefix(field+"."+m[1], "."), "it is required"
	}
	if option, ok := strings.CutPrefix(field, "options."); ok && unavailable[option] != "" {
		return contract.Problemf(contract.CodeOptionUnavailable, "%s is no option of a video made through the API: %s", option, unavailable[option]).In(field)
	}
	if field == "" {
		return contract.Problemf(contract.CodeRequestInvalid, "the %s: %s", place, message)
	}
	if text, ok := detail.Value.(string); ok && controlsIn(text) != "" {
		message += "; it has " + controlsIn(text)
	}
	return contract.Problemf(contract.CodeRequestInvalid, "%s%s: %s", field, shown(detail.Value), message).In(field)
}

// shown is a value that was sent, where it is short enough to say.
func shown(value any) string {
	switch value.(type) {
	case string, bool, float64, int64, nil:
		text := fmt.Sprintf("%q", fmt.Sprint(value))
		if _, isText := value.(string); !isText {
			text = fmt.Sprint(value)
		}
		if value != nil && value != "" && len(text) <= 60 {
			return " is " + text
		}
	}
	return ""
}

func unknownVideo() *contract.Problem {
	return contract.Problemf(contract.CodeVideoUnknown, "there is no video of this id among yours; GET /videos lists them")
}

// retrySeconds is how long a client waits before it tries again what was
// refused with a status: a service recovers in seconds; uploads and encodes
// end in minutes.
func retrySeconds(status int) int {
	if status == http.StatusTooManyRequests {
		return 60
	}
	return 2
}

// retryable tells whether a problem's answer has Retry-After.
func retryable(status int) bool {
	return status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests
}

// withRetry adds Retry-After where trying again helps.
func withRetry(problem *contract.Problem) error {
	if !retryable(problem.Status) {
		return problem
	}
	return huma.ErrorWithHeaders(problem, http.Header{"Retry-After": {strconv.Itoa(retrySeconds(problem.Status))}})
}

// explain makes a problem of an error, and logs what the client is not told.
func (a *API) explain(ctx context.Context, operation string, err error) error {
	var problem *contract.Problem
	if errors.As(err, &problem) {
		return withRetry(problem)
	}
	log := a.Log.With("operation", operation, "requestId", callerOf(ctx).RequestID, "error", err.Error())
	code := contract.Code("")
	switch {
	case errors.Is(err, contract.ErrUnknownRow):
		return unknownVideo()
	case errors.Is(err, contract.ErrRowChanged):
		code = contract.CodeContended
	case errors.Is(err, contract.ErrThrottled):
		code = contract.CodeThrottled
	case errors.Is(err, contract.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		code = contract.CodeUnavailable
	default:
		log.ErrorContext(ctx, "request failed")
		return contract.Problemf(contract.CodeInternal, "%s the request id %s", internalText, callerOf(ctx).RequestID)
	}
	log.WarnContext(ctx, "request put off")
	info := contract.ExplainAPI(code)
	return withRetry(contract.Problemf(code, "%s; try again in %d seconds", info.Meaning, retrySeconds(info.Status)))
}
