package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/test/clips"
)

// plainCalls are the calls of one plain video, in their order, and fail's, and
// what the services know when they come.
func plainCalls(ctx context.Context, maker *clips.Maker, c *cloud) ([]call, error) {
	v, err := newPlainVideo()
	if err != nil {
		return nil, err
	}
	if err := v.store(ctx, c, maker); err != nil {
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
	add := func(name string, pipeline bool, event any, record, changed contract.Record) {
		text, marshalled := json.Marshal(event)
		one := call{name: name, pipeline: pipeline, event: text}
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
	add("ingest", true, map[string]any{"Records": []any{map[string]any{"messageId": "1", "body": string(uploaded)}}}, v.planned, v.planned)
	add("plan", true, v.execution, v.planned, v.planned)
	add("encode", true, token, v.planned, v.planned)
	add("jobstate", true, v.event, working, ended)
	add("publish", true, token, ended, v.complete)
	add("videoevents", false, batch, v.complete, v.complete)
	add("fail", false, failing, working, v.failed)
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
