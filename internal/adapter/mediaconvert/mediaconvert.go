// Package mediaconvert talks to MediaConvert: submits, looks after and
// cancels jobs, probes sources, and reads job templates.
package mediaconvert

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
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

// Submit creates a job and returns its id.
func (j *Jobs) Submit(ctx context.Context, job encoding.Job) (string, error) {
	out, err := j.Client.CreateJob(ctx, &mediaconvert.CreateJobInput{
		Role:                 &job.Role,
		Settings:             job.Settings,
		AccelerationSettings: job.AccelerationSettings,
		ClientRequestToken:   optional(job.ClientRequestToken),
		JobTemplate:          optional(job.JobTemplate),
		Queue:                optional(job.Queue),
		StatusUpdateInterval: job.StatusUpdateInterval,
		UserMetadata:         job.UserMetadata,
	})
	if err != nil {
		return "", refused(err)
	}
	if out.Job == nil || aws.ToString(out.Job.Id) == "" {
		return "", contract.Failf(contract.CodeInternal, "MediaConvert answered CreateJob without a job")
	}
	return *out.Job.Id, nil
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
