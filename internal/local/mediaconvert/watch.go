package mediaconvert

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// watch looks at the sources while they are encoded and stops the encode
// when one is deleted: the service reads as it goes, and would notice.
func (t *task) watch(ctx context.Context, stop context.CancelCauseFunc) {
	tick := time.NewTicker(t.SourceCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := t.present(ctx); err != nil {
			stop(err)
			return
		}
	}
}

// present says which source is gone. Only a clear answer counts; a hiccup of
// the storage ends no job.
func (t *task) present(ctx context.Context) error {
	for _, input := range t.inputs {
		from, err := parseURI(input.URI)
		if err != nil {
			return err
		}
		if _, err := t.objects.head(ctx, from); err != nil && (missing(err) || denied(err)) {
			return inputError(input.URI, err)
		}
	}
	return nil
}

// inform sends INPUT_INFORMATION. A source that cannot be probed is the
// encode's to report.
func (t *task) inform(ctx context.Context) {
	information := make([]inputInformation, len(t.inputs))
	for i, input := range t.inputs {
		probed, err := t.origins[i].describe(ctx, t.Transcoder, input.Path)
		if err != nil {
			return
		}
		information[i] = informationOf(i+1, input.URI, probed)
	}
	t.post(func(r *record, now time.Time) error {
		return r.post(now, inputDetail{r.basics("INPUT_INFORMATION", now), information})
	})
}

// post sends an event of a job that still runs.
func (t *task) post(event func(*record, time.Time) error) {
	err := t.state.update(t.job.ID, func(r *record) error {
		if r.over() {
			return errCanceled
		}
		return event(r, time.Now())
	})
	if err != nil && err != errCanceled {
		t.Log.Error("mediaconvert: post event", "job", t.job.ID, "error", err)
	}
}

// report sends STATUS_UPDATE at the job's interval until stop is called. A job
// of audio alone has none
// (https://docs.aws.amazon.com/mediaconvert/latest/ug/feature-limitations-for-audio-only.html).
func (t *task) report(ctx context.Context) (stop func()) {
	if audioOnly(t.job.Settings) {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(t.interval(t.job.StatusUpdateInterval))
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				t.post(t.statusUpdate)
			}
		}
	}()
	return func() { cancel(); <-done }
}

// audioOnly tells that no output of the settings has video.
func audioOnly(settings json.RawMessage) bool {
	var s struct {
		OutputGroups []struct {
			Outputs []struct {
				VideoDescription json.RawMessage `json:"videoDescription"`
			} `json:"outputs"`
		} `json:"outputGroups"`
	}
	if json.Unmarshal(settings, &s) != nil {
		return false
	}
	for _, g := range s.OutputGroups {
		for _, o := range g.Outputs {
			if len(o.VideoDescription) > 0 {
				return false
			}
		}
	}
	return true
}

func (t *task) statusUpdate(r *record, now time.Time) error {
	at := t.run.progress.now()
	r.CurrentPhase, r.JobPercentComplete = at.phase, at.total()
	return r.post(now, statusDetail{
		detail: r.basics("STATUS_UPDATE", now), FramesDecoded: at.frames,
		JobProgress: jobProgress{at.byPhase(), at.total(), at.phase, r.RetryCount},
	})
}

// interval turns SECONDS_10 into ten seconds.
func interval(name string) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimPrefix(name, "SECONDS_"))
	if err != nil || seconds < 1 {
		seconds = 60
	}
	return time.Duration(seconds) * time.Second
}
