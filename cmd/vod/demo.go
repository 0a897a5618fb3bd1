package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/local/deploy"
	"github.com/vodstack/vodstack/internal/local/engine"
)

// demoCommand sends a video through the deployed stack.
type demoCommand struct {
	Video string `arg:"" optional:"" help:"A video file; a clip of the repository when left out."`
}

// demoVideo is the clip that is taken when none is named.
const demoVideo = "media/car-768x432-aac.mp4"

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
	made, err := d.upload(s.ctx, path)
	if err != nil {
		return err
	}
	video, err := d.follow(s.ctx, made)
	if err != nil {
		return err
	}
	if video.EncodingStatus == contract.StatusError {
		return failure(video)
	}
	return d.show(s.ctx, video)
}

// demo is one video's way through a stack.
type demo struct {
	*session
	api    *api
	table  *table
	jobs   *mediaconvert.Client
	client *http.Client

	record contract.Record // the pipeline's, as it was read last
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
	secret, err := engine.SecretKey(s.place.home)
	if err != nil {
		return nil, err
	}
	client := &http.Client{}
	api, err := newAPI(stack, control.Region, secret, client, os.Getenv)
	if err != nil {
		return nil, err
	}
	return &demo{
		session: s, api: api, client: client,
		table: newTable(control, secret, stack.Outputs["DynamoDBTable"]),
		jobs: mediaconvert.New(mediaconvert.Options{
			BaseEndpoint: aws.String(control.Ports.MediaConvertURL()), Region: control.Region,
			Credentials: credentials.NewStaticCredentialsProvider(engine.AccessKey, secret, ""),
		}),
	}, nil
}

const (
	followPoll = 250 * time.Millisecond
	// stopNotice is how long a failed call waits for the engine's own word.
	stopNotice = 2 * time.Second
	// startPatience is how long the first sign of a video may take.
	startPatience = time.Minute
)

// follow waits until the video has ended, and shows its progress.
func (d *demo) follow(ctx context.Context, video apiVideo) (apiVideo, error) {
	bar := newBar(d.stderr, "encode", 100, false)
	deadline := time.Now().Add(startPatience)
	for {
		var answer struct {
			Video apiVideo `json:"video"`
		}
		err := d.api.call(ctx, http.MethodGet, "/videos/"+video.ID, nil, &answer)
		switch {
		case ctx.Err() != nil:
			bar.abandon()
			return video, errors.New("stopped watching; the video goes on")
		case err != nil:
			bar.abandon()
			return video, d.explain("follow the video "+video.ID, err)
		}
		video = answer.Video
		bar.set(d.percent(ctx, video))
		switch {
		case video.EncodingStatus == contract.StatusComplete:
			bar.finish()
			return video, nil
		case video.EncodingStatus == contract.StatusError:
			bar.abandon()
			return video, nil
		case video.EncodingStatus == contract.StatusNew && time.Now().After(deadline):
			bar.abandon()
			return video, fmt.Errorf("the pipeline has not taken the file within %s, though it is safely uploaded; make sure that the disk that holds %s has room, and see %s",
				startPatience, d.place.home, d.place.log("engine"))
		}
		select {
		case <-ctx.Done(): // the next call says so
		case <-time.After(followPoll):
		}
	}
}

// percent is how far the encode is. The row has it as the job's updates tell
// it, every ten seconds, which is too seldom for a short clip's bar; the job
// itself knows better while it runs.
func (d *demo) percent(ctx context.Context, video apiVideo) int64 {
	if video.VodGUID == "" {
		return video.Progress
	}
	record, found, err := d.table.record(ctx, video.VodGUID)
	if err != nil || !found {
		return video.Progress // the row goes on without it
	}
	d.record = record
	if record.EncodeJobID == "" || record.Ended() {
		return video.Progress
	}
	out, err := d.jobs.GetJob(ctx, &mediaconvert.GetJobInput{Id: &record.EncodeJobID})
	if err != nil || out.Job == nil {
		return video.Progress
	}
	return max(video.Progress, int64(aws.ToInt32(out.Job.JobPercentComplete)))
}

// explain says when the engine is what is missing.
func (d *demo) explain(what string, err error) error {
	if d.ctx.Err() != nil {
		return fmt.Errorf("%s: interrupted", what)
	}
	var refused *apiRefusal
	if errors.As(err, &refused) {
		return fmt.Errorf("%s: %w", what, err) // the engine is well
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
func failure(v apiVideo) error {
	text := fmt.Sprintf("the video ended in Error\n  code     %s\n  reason   %s", v.ErrorCode, v.ErrorMessage)
	if info, ok := contract.Explain(v.ErrorCode); ok {
		text += "\n  to do    " + info.Uploader
		if strings.TrimSuffix(info.Operator, ".") != "Nothing" {
			text += "\n  operator " + info.Operator
		}
	}
	return errors.New(text)
}
