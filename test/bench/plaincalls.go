package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/vodstack/vodstack/internal/contract"
)

// plainCalls are the calls of one plain video, in their order, and fail's, and
// what the services know when they come.
func plainCalls(ctx context.Context, b *bench, c *cloud) ([]call, error) {
	v, err := newPlainVideo()
	if err != nil {
		return nil, err
	}
	if err := v.store(ctx, c, b.clips); err != nil {
		return nil, err
	}
	working := v.planned
	working.EncodeJobID = benchJob
	ended := working
	ended.JobEvent = v.event
	message, err := contract.FinalMessage(v.complete)
	if err != nil {
		return nil, err
	}
	failing := map[string]any{"execution": map[string]any{"Id": "arn:aws:states:eu-central-1:123456789012:execution:vod:" + v.execution.GUID}, "input": map[string]any{
		"guid": v.execution.GUID, "trigger": v.execution.Trigger, "srcBucket": benchSource, "srcVideo": v.execution.SrcVideo, "versionId": objectVersion,
		"encodeError": map[string]string{"Error": "JobFailed", "Cause": "MediaConvert gave up."},
	}}
	batch := map[string]any{"Records": []any{map[string]any{"messageId": "1", "body": message.Body}}}
	token := map[string]string{"guid": v.execution.GUID, "token": benchToken}
	var calls []call
	add := func(name string, times int, event any, record, changed contract.Record) {
		text, marshalled := json.Marshal(event)
		one := call{name: name, times: times, event: text}
		var errs [4]error
		one.about.record, errs[0] = itemOf(record)
		one.about.changed, errs[1] = itemOf(changed)
		one.about.row, errs[2] = itemOf(v.row)
		one.about.running, errs[3] = itemOf(contract.RunningJob{GUID: v.execution.GUID, TaskToken: benchToken})
		err = errors.Join(err, marshalled, errors.Join(errs[:]...))
		calls = append(calls, one)
	}
	uploaded, err := json.Marshal(v.uploaded())
	if err != nil {
		return nil, err
	}
	add("ingest", 1, map[string]any{"Records": []any{map[string]any{"messageId": "1", "body": string(uploaded)}}}, v.planned, v.planned)
	add("plan", 1, v.execution, v.planned, v.planned)
	add("encode", 1, token, v.planned, v.planned)
	add("jobstate", 1, v.event, working, ended)
	add("publish", 1, token, ended, v.complete)
	add("videoevents", 2, batch, v.complete, v.complete)
	add("fail", 0, failing, working, v.failed)
	return calls, err
}

// uploaded is S3's event of the upload.
func (v *plainVideo) uploaded() any {
	return map[string]any{
		"version": "0", "source": "aws.s3", "detail-type": "Object Created", "time": benchStart, "region": "eu-central-1",
		"detail": map[string]any{
			"version": "0", "bucket": map[string]any{"name": benchSource}, "reason": "PutObject",
			"object": map[string]any{"key": v.execution.SrcVideo, "size": v.execution.Size, "etag": objectETag, "version-id": objectVersion},
		},
	}
}
