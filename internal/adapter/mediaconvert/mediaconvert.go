// Package mediaconvert talks to MediaConvert: submits, looks after and
// cancels jobs, probes sources, and reads job templates.
package mediaconvert

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
)

// Jobs submits jobs and looks after them.
type Jobs struct {
	Client *mediaconvert.Client
}

// Submit creates a job and returns its id. An attempt without a clear answer
// is repeated once: within a minute, the ClientRequestToken makes both one job.
// Where that does not bring an id either, the error is contract.ErrInDoubt. A
// throttled call is not repeated here, but by the state machine.
func (j *Jobs) Submit(ctx context.Context, job encoding.Job) (string, error) {
	inDoubt := false
	once := retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = 2, awsbase.Backoff
		o.Retryables = []retry.IsErrorRetryable{retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			inDoubt = inDoubt || !answeredClearly(err)
			return aws.BoolTernary(!answeredClearly(err))
		})}
	})
	out, err := j.Client.CreateJob(ctx, &mediaconvert.CreateJobInput{
		Role:                 &job.Role,
		Settings:             job.Settings,
		AccelerationSettings: job.AccelerationSettings,
		ClientRequestToken:   optional(job.ClientRequestToken),
		JobTemplate:          optional(job.JobTemplate),
		Queue:                optional(job.Queue),
		StatusUpdateInterval: job.StatusUpdateInterval,
		UserMetadata:         job.UserMetadata,
	}, func(o *mediaconvert.Options) { o.Retryer = once })
	if inDoubt && err != nil {
		return "", fmt.Errorf("%w: %w", contract.ErrInDoubt, awsbase.Explain(err))
	}
	if err != nil {
		return "", refused(err)
	}
	if out.Job == nil || aws.ToString(out.Job.Id) == "" {
		return "", fmt.Errorf("%w: MediaConvert answered CreateJob without a job", contract.ErrInDoubt)
	}
	return *out.Job.Id, nil
}

// answeredClearly tells whether the service itself has said that it did not do
// what it was asked: any 4xx answer. After all else it may have done so.
func answeredClearly(err error) bool {
	var response *awshttp.ResponseError
	if !errors.As(err, &response) {
		return false
	}
	status := response.HTTPStatusCode()
	return status >= 400 && status < 500
}

const (
	searchLimit = 300 // characters of an input file (botocore's model of SearchJobs)
	searchPages = 25  // of 20 jobs each: 500 jobs of one file since a moment
	// clockSkew is how far the service's clock may be behind ours.
	clockSkew = time.Minute
)

// Find looks for the newest job with this one's user metadata that was created
// at a moment or later.
func (j *Jobs) Find(ctx context.Context, job encoding.Job, since time.Time) (string, error) {
	search := mediaconvert.NewSearchJobsPaginator(j.Client, &mediaconvert.SearchJobsInput{
		InputFile: inputFile(job), Order: types.OrderDescending, MaxResults: aws.Int32(20),
	})
	since = since.Add(-clockSkew)
	for range searchPages {
		if !search.HasMorePages() {
			break
		}
		page, err := search.NextPage(ctx)
		if err != nil {
			return "", awsbase.Explain(err)
		}
		for _, found := range page.Jobs {
			if maps.Equal(found.UserMetadata, job.UserMetadata) && found.CreatedAt != nil && !found.CreatedAt.Before(since) {
				return aws.ToString(found.Id), nil
			}
		}
	}
	return "", contract.ErrNotFound
}

// inputFile is the end of the job's input, which the service takes in the
// place of all of it.
func inputFile(job encoding.Job) *string {
	if job.Settings == nil || len(job.Settings.Inputs) == 0 {
		return nil
	}
	characters := []rune(aws.ToString(job.Settings.Inputs[0].FileInput))
	return aws.String(string(characters[max(0, len(characters)-searchLimit):]))
}

// refused tells a job that the service will never take from a service that
// is busy or down.
func refused(err error) error {
	var bad *types.BadRequestException
	var missing *types.NotFoundException
	var quota *types.ServiceQuotaExceededException
	switch {
	case errors.As(err, &bad):
		return contract.Failf(contract.CodeJobRefused, "MediaConvert refused the job: %s", bad.ErrorMessage())
	case errors.As(err, &missing):
		return contract.Failf(contract.CodeJobRefused, "MediaConvert refused the job: %s", missing.ErrorMessage())
	case errors.As(err, &quota):
		return errors.Join(contract.ErrThrottled, err)
	}
	return awsbase.Explain(err)
}

// Look tells how a job is doing.
func (j *Jobs) Look(ctx context.Context, id string) (contract.JobDetail, error) {
	out, err := j.Client.GetJob(ctx, &mediaconvert.GetJobInput{Id: &id})
	if err != nil {
		return contract.JobDetail{}, awsbase.Explain(err)
	}
	job := out.Job
	if job == nil {
		return contract.JobDetail{}, contract.Failf(contract.CodeInternal, "MediaConvert answered GetJob without a job")
	}
	detail := contract.JobDetail{
		JobID:        id,
		Status:       string(job.Status),
		UserMetadata: job.UserMetadata,
		ErrorCode:    int(aws.ToInt32(job.ErrorCode)),
		ErrorMessage: aws.ToString(job.ErrorMessage),
	}
	if job.Timing != nil {
		detail.SubmittedAt = moment(job.Timing.SubmitTime)
		detail.StartedAt = moment(job.Timing.StartTime)
	}
	return detail, nil
}

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return contract.Time(*t)
}

// Cancel stops a job. One that has ended already counts as stopped: the
// service refuses to cancel it.
func (j *Jobs) Cancel(ctx context.Context, id string) error {
	_, err := j.Client.CancelJob(ctx, &mediaconvert.CancelJobInput{Id: &id})
	var conflict *types.ConflictException
	var bad *types.BadRequestException
	if errors.As(err, &conflict) || errors.As(err, &bad) {
		return nil
	}
	return awsbase.Explain(err)
}

// Template reads a job template's settings.
func (j *Jobs) Template(ctx context.Context, name string) (*types.JobTemplateSettings, error) {
	out, err := j.Client.GetJobTemplate(ctx, &mediaconvert.GetJobTemplateInput{Name: &name})
	if err != nil {
		return nil, awsbase.Explain(err)
	}
	if out.JobTemplate == nil || out.JobTemplate.Settings == nil {
		return nil, contract.ErrNotFound
	}
	return out.JobTemplate.Settings, nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
