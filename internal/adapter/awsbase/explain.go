package awsbase

import (
	"context"
	"errors"
	"net/http"
	"slices"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/vodstack/vodstack/internal/contract"
)

// throttles, denials and absences are the services' names for what the
// contract's errors say: those of their models, and those that only their
// documentation knows. A test holds them to the models. A quota that is used up
// by what is running, as CreateJob's and StartExecution's may be, is a throttle
// too: it has room again when something has ended.
var (
	throttles = []string{
		"Throttled", "ThrottledException", "Throttling", "ThrottlingException", "RequestThrottled", "RequestThrottledException",
		"TooManyRequestsException", "SlowDown", "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException",
		"ProvisionedThroughputExceededException", "TransactionInProgressException", "PriorRequestNotComplete",
		"ServiceQuotaExceededException", "ExecutionLimitExceeded", "TooManyInvalidationsInProgress",
		"KMSThrottling", "KmsThrottled", "KmsThrottlingException", "KMS.ThrottlingException",
	}
	denials = []string{
		"AccessDenied", "AccessDeniedException", "Forbidden", "ForbiddenException", "AuthorizationError", "NotAuthorized", "AllAccessDisabled",
		"KMSAccessDenied", "KmsAccessDenied", "KmsAccessDeniedException", "KMS.AccessDeniedException",
	}
	absences = []string{
		"NoSuchKey", "NoSuchVersion", "NoSuchUpload", "NoSuchBucket", "NotFound", "NotFoundException", "ExecutionDoesNotExist", "NoSuchDistribution",
	}
)

// Explain wraps an SDK error in the contract's word for it, where there is
// one, so that the steps can tell what to do without knowing the service. Its
// text is one that people can read: operation, name and message.
func Explain(err error) error {
	var call *smithy.OperationError
	if !errors.As(err, &call) {
		return err
	}
	return &serviceError{kind: kindOf(err), text: textOf(call), err: err}
}

// serviceError is an SDK error in few words.
type serviceError struct {
	kind error // the contract's word, nil when it has none
	text string
	err  error
}

func (e *serviceError) Error() string {
	if e.kind == nil {
		return e.text
	}
	return e.kind.Error() + ": " + e.text
}

// Unwrap gives both, the contract's word and the SDK's error.
func (e *serviceError) Unwrap() []error {
	if e.kind == nil {
		return []error{e.err}
	}
	return []error{e.kind, e.err}
}

func textOf(call *smithy.OperationError) string {
	name := call.Service() + " " + call.Operation()
	var api smithy.APIError
	if errors.As(call, &api) {
		return name + ": " + api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return name + ": " + innermost(call).Error()
}

// innermost is the first cause in a chain.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

func kindOf(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch code := api.ErrorCode(); {
		case slices.Contains(throttles, code):
			return contract.ErrThrottled
		case slices.Contains(denials, code):
			return contract.ErrDenied
		case slices.Contains(absences, code):
			return contract.ErrNotFound
		}
	}
	return kindOfResponse(err)
}

// kindOfResponse judges by the status: bodies may be missing, as after HEAD.
// Without any response the way to the service is down.
func kindOfResponse(err error) error {
	status := 0
	var response *awshttp.ResponseError
	var call *smithy.OperationError
	switch {
	case errors.As(err, &response):
		status = response.HTTPStatusCode()
	case !errors.As(err, &call):
		return nil // not of the SDK
	}
	switch {
	case errors.Is(err, context.Canceled):
		return nil
	case status == http.StatusNotFound:
		return contract.ErrNotFound
	case status == http.StatusForbidden:
		return contract.ErrDenied
	case status == http.StatusTooManyRequests:
		return contract.ErrThrottled
	case status == 0 || status >= 500:
		return contract.ErrUnavailable
	}
	return nil
}
