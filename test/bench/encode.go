package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mc "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/test/clips"
)

const (
	pairs = 7
	// clipSeconds is the least length of the clip.
	clipSeconds = 60
	// bar is how much slower than one ffmpeg command a job may be.
	bar = 1.10
)

// encodeRatio compares a job of the local MediaConvert with the best command
// that one could write by hand for the same outputs. Ours reads its source
// from S3 and writes its outputs there; the command reads and writes files.
func encodeRatio(ctx context.Context, b *bench) error {
	if err := b.open(ctx); err != nil {
		return err
	}
	long := clips.Clip{File: "long.mp4"}
	path := filepath.Join(b.dir, long.File)
	if err := clips.Looped(path, clipSeconds); err != nil {
		return err
	}
	if _, err := b.stack.Upload(ctx, "bench/long.mp4", path); err != nil {
		return err
	}
	job, err := b.firstJob(ctx, "bench/long.mp4")
	if err != nil {
		return err
	}
	say("%d pairs of a job and the command by hand", pairs)
	var ours, hand []time.Duration
	var ratios []float64
	for i := range pairs {
		o, h, err := b.pair(ctx, job, path, i)
		if err != nil {
			return err
		}
		ours, hand, ratios = append(ours, o), append(hand, h), append(ratios, o.Seconds()/h.Seconds())
		say("pair %d: job %.2f s, by hand %.2f s", i+1, o.Seconds(), h.Seconds())
	}
	slices.Sort(ratios)
	median := ratios[len(ratios)/2]
	b.report.add("local job, wall, 60 s clip, median of 7", fmt.Sprintf("%.2f s", quantile(ours, 0.5).Seconds()))
	b.report.add("one hand-written ffmpeg command, median of 7", fmt.Sprintf("%.2f s", quantile(hand, 0.5).Seconds()))
	b.report.promise("job ÷ command, median of 7 interleaved pairs",
		fmt.Sprintf("%.3f (%.3f to %.3f)", median, ratios[0], ratios[len(ratios)-1]), "≤ 1.10", median <= bar)
	return nil
}

// pair times one of each, every other pair the other way round.
func (b *bench) pair(ctx context.Context, job *mc.Job, source string, round int) (ours, hand time.Duration, err error) {
	if round%2 == 1 {
		if hand, err = b.byHand(ctx, source); err != nil {
			return 0, 0, err
		}
	}
	if ours, err = b.again(ctx, job, round); err != nil {
		return 0, 0, err
	}
	if round%2 == 0 {
		hand, err = b.byHand(ctx, source)
	}
	return ours, hand, err
}

// firstJob waits until the pipeline has encoded the clip, and returns its job.
func (b *bench) firstJob(ctx context.Context, key string) (*mc.Job, error) {
	guid, err := b.published(ctx, key)
	if err != nil {
		return nil, err
	}
	jobs, err := b.stack.Jobs(ctx, guid)
	if err != nil || len(jobs) != 1 {
		return nil, fmt.Errorf("%d jobs of the clip, want 1: %w", len(jobs), err)
	}
	return &jobs[0], nil
}

// again submits the same job to other paths and waits for its end.
func (b *bench) again(ctx context.Context, job *mc.Job, round int) (time.Duration, error) {
	settings := *job.Settings
	settings.OutputGroups = slices.Clone(settings.OutputGroups)
	for i := range settings.OutputGroups {
		moved := *settings.OutputGroups[i].OutputGroupSettings
		redirect(&moved, fmt.Sprintf("/bench-%d/", round))
		settings.OutputGroups[i].OutputGroupSettings = &moved
	}
	began := time.Now()
	out, err := b.stack.MediaConvert.CreateJob(ctx, &mediaconvert.CreateJobInput{
		Role: job.Role, Settings: &settings, StatusUpdateInterval: job.StatusUpdateInterval,
	})
	if err != nil {
		return 0, fmt.Errorf("submit the job: %w", err)
	}
	for ctx.Err() == nil {
		now, err := b.stack.MediaConvert.GetJob(ctx, &mediaconvert.GetJobInput{Id: out.Job.Id})
		if err != nil {
			return 0, fmt.Errorf("watch the job: %w", err)
		}
		switch now.Job.Status {
		case mc.JobStatusComplete:
			return time.Since(began), nil
		case mc.JobStatusError, mc.JobStatusCanceled:
			return 0, fmt.Errorf("the job ended %s: %s", now.Job.Status, aws.ToString(now.Job.ErrorMessage))
		}
		time.Sleep(20 * time.Millisecond)
	}
	return 0, ctx.Err()
}

// redirect puts the outputs of a group under another prefix.
func redirect(s *mc.OutputGroupSettings, prefix string) {
	move := func(destination *string) *string {
		bucket, key, _ := strings.Cut(strings.TrimPrefix(aws.ToString(destination), "s3://"), "/")
		return aws.String("s3://" + bucket + prefix + key)
	}
	if g := s.CmafGroupSettings; g != nil {
		moved := *g
		moved.Destination, s.CmafGroupSettings = move(g.Destination), &moved
	}
	if g := s.FileGroupSettings; g != nil {
		moved := *g
		moved.Destination, s.FileGroupSettings = move(g.Destination), &moved
	}
}

// byHand runs the command in a folder of its own.
func (b *bench) byHand(ctx context.Context, source string) (time.Duration, error) {
	dir := filepath.Join(b.dir, "by-hand")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, "ffmpeg", handWritten(source)...)
	cmd.Dir = dir
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("ffmpeg by hand: %w: %s", err, out)
	}
	return time.Since(began), nil
}
