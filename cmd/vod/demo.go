package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/local/deploy"
	"github.com/vodstack/vodstack/internal/local/engine"
	"github.com/vodstack/vodstack/internal/local/objectstore"
	"github.com/vodstack/vodstack/internal/step"
)

// demoCommand sends a video through the deployed stack.
type demoCommand struct {
	Video string `arg:"" optional:"" help:"A video file; a clip of the repository when left out."`
}

// demoVideo is the clip that is taken when none is named.
const demoVideo = "media/car-768x432-aac.mp4"

// uploadValid is how long the presigned URL is good for.
const uploadValid = time.Hour

// Run uploads, follows and shows.
func (c *demoCommand) Run(s *session) error {
	d, err := s.newDemo()
	if err != nil {
		return err
	}
	path := c.Video
	if path == "" {
		path = filepath.Join(s.place.root, demoVideo)
	}
	guid, err := d.upload(s.ctx, path)
	if err != nil {
		return err
	}
	record, err := d.follow(s.ctx, guid)
	if err != nil {
		return err
	}
	if record.WorkflowStatus == contract.StatusError {
		return failure(record)
	}
	return d.show(s.ctx, record)
}

// demo is one video's way through a stack.
type demo struct {
	*session
	stack  deploy.Stack
	store  *s3.Client
	table  *table
	jobs   *mediaconvert.Client
	client *http.Client
}

func (s *session) newDemo() (*demo, error) {
	control, err := engine.Running(s.place.home)
	if err != nil {
		return nil, err
	}
	stack, deployed, err := deploy.Load(s.place.home, s.place.stack)
	if err != nil {
		return nil, err
	}
	if !deployed {
		return nil, fmt.Errorf("no stack %q is deployed yet: type \"make up\"", s.place.stack)
	}
	return &demo{
		session: s, stack: stack, client: &http.Client{},
		store: objectstore.Client(control.Ports.StoreURL(), control.Region, engine.AccessKey, engine.SecretKey),
		table: newTable(control, stack.Outputs["DynamoDBTable"]),
		jobs: mediaconvert.New(mediaconvert.Options{
			BaseEndpoint: aws.String(control.Ports.MediaConvertURL()), Region: control.Region,
			Credentials: credentials.NewStaticCredentialsProvider(engine.AccessKey, engine.SecretKey, ""),
		}),
	}, nil
}

// upload sends the file through a presigned URL, as an application's client
// would, and returns the video's guid.
func (d *demo) upload(ctx context.Context, path string) (string, error) {
	file, size, err := openVideo(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	key := uuid.NewString() + "/" + filepath.Base(path)
	bar := newBar(d.stderr, "upload", size, true)
	version, err := d.put(ctx, key, bar.reader(file), size)
	if err != nil {
		return "", d.explain("upload "+path, err)
	}
	bar.finish()
	if slices.Contains(d.stack.Context, "trigger=MetadataFile") {
		if key, version, err = d.putMetadata(ctx, key); err != nil {
			return "", err
		}
	}
	return contract.GUID(d.stack.Outputs["Source"], key, version), nil
}

// putMetadata starts a stack that waits for a metadata file.
func (d *demo) putMetadata(ctx context.Context, video string) (key, version string, err error) {
	body, err := json.Marshal(map[string]string{"srcVideo": video})
	if err != nil {
		return "", "", fmt.Errorf("metadata of %s: %w", video, err)
	}
	key = video + ".json"
	if version, err = d.put(ctx, key, bytes.NewReader(body), int64(len(body))); err != nil {
		return "", "", d.explain("upload "+key, err)
	}
	return key, version, nil
}

// put uploads one object through a presigned URL, and returns its version.
func (d *demo) put(ctx context.Context, key string, body io.Reader, size int64) (string, error) {
	signed, err := s3.NewPresignClient(d.store, s3.WithPresignExpires(uploadValid)).PresignPutObject(ctx,
		&s3.PutObjectInput{Bucket: aws.String(d.stack.Outputs["Source"]), Key: &key, ContentLength: &size})
	if err != nil {
		return "", fmt.Errorf("presign: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, signed.URL, body)
	if err != nil {
		return "", err
	}
	if req.ContentLength = size; size == 0 {
		req.Body = http.NoBody
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusInsufficientStorage {
		return "", fmt.Errorf("the disk that holds %s is full: make room, then try again", d.place.home)
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("S3 answers %s", resp.Status)
	}
	return resp.Header.Get("x-amz-version-id"), nil
}

func openVideo(path string) (*os.File, int64, error) {
	if !step.IsVideoFile(path) {
		return nil, 0, fmt.Errorf("%s does not end like a video that MediaConvert reads (.mp4, .mov, .mkv, …), so it would start nothing: rename it, or choose another file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("the video cannot be opened: %w", err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", path)
	}
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

const (
	followPoll = 250 * time.Millisecond
	// stopNotice is how long a failed call waits for the engine's own word.
	stopNotice = 2 * time.Second
	// startPatience is how long the first sign of a video may take.
	startPatience = time.Minute
)

// follow waits until the video has ended, and shows its progress.
func (d *demo) follow(ctx context.Context, guid string) (contract.Record, error) {
	bar := newBar(d.stderr, "encode", 100, false)
	deadline := time.Now().Add(startPatience)
	for {
		record, found, err := d.table.record(ctx, guid)
		if err != nil {
			return record, d.explain("follow the video "+guid, err)
		}
		bar.set(d.percent(ctx, record))
		switch {
		case found && record.WorkflowStatus == contract.StatusComplete:
			bar.finish()
			return record, nil
		case found && record.Ended():
			bar.abandon()
			return record, nil
		case !found && time.Now().After(deadline):
			bar.abandon()
			return record, fmt.Errorf("the pipeline has not taken the file within %s, though it is safely uploaded; make sure that the disk that holds %s has room, and see %s",
				startPatience, d.place.home, d.place.log("engine"))
		}
		select {
		case <-ctx.Done():
			bar.abandon()
			return record, errors.New("stopped watching; the video goes on")
		case <-time.After(followPoll):
		}
	}
}

// percent is how far the encode is. The record has it as the job's updates
// tell it, which is too seldom for a short clip's bar; the job itself knows
// better while it runs.
func (d *demo) percent(ctx context.Context, record contract.Record) int64 {
	var percent int64
	if record.Progress != nil {
		percent = int64(*record.Progress)
	}
	if record.EncodeJobID == "" || record.Ended() {
		return percent
	}
	out, err := d.jobs.GetJob(ctx, &mediaconvert.GetJobInput{Id: &record.EncodeJobID})
	if err != nil || out.Job == nil {
		return percent // the record goes on without it
	}
	return max(percent, int64(aws.ToInt32(out.Job.JobPercentComplete)))
}

// explain says when the engine is what is missing.
func (d *demo) explain(what string, err error) error {
	if d.ctx.Err() != nil {
		return fmt.Errorf("%s: interrupted", what)
	}
	// The engine takes a moment to stop, and to note that a part has died.
	for deadline := time.Now().Add(stopNotice); time.Now().Before(deadline); time.Sleep(stopPoll) {
		if _, down := engine.Running(d.place.home); down != nil {
			return down
		}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// failure is what went wrong and what to do about it.
func failure(r contract.Record) error {
	text := fmt.Sprintf("the video ended in Error\n  code     %s\n  reason   %s", r.ErrorCode, r.ErrorMessage)
	if info, ok := contract.Explain(r.ErrorCode); ok {
		text += "\n  to do    " + info.Uploader
		if strings.TrimSuffix(info.Operator, ".") != "Nothing" {
			text += "\n  operator " + info.Operator
		}
	}
	return errors.New(text)
}
