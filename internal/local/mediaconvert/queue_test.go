package mediaconvert

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

func TestJobsWaitForAWorkerAndTheMostUrgentIsNext(t *testing.T) {
	g := newGate()
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: g.run} })
	b.submit("first", nil)
	g.waitBegan(t)
	b.submit("usual-1", nil)
	last := b.submit("last", func(q *sdk.CreateJobInput) { q.Priority = aws.Int32(-1) })
	b.submit("urgent", func(q *sdk.CreateJobInput) { q.Priority = aws.Int32(50) })
	b.submit("usual-2", nil)
	if job := b.get(*last.Id); job.Status != types.JobStatusSubmitted {
		t.Errorf("a job that waits is %s", job.Status)
	}
	close(g.open)
	var order []string
	for range 4 {
		_, name, _ := strings.Cut(strings.TrimPrefix(g.waitBegan(t), "s3://"), "/")
		order = append(order, name)
	}
	if want := []string{"urgent", "usual-1", "usual-2", "last"}; !slices.Equal(order, want) {
		t.Errorf("order is %v, not %v", order, want)
	}
}

func TestAsManyJobsRunAtOnceAsThereAreWorkers(t *testing.T) {
	g := newGate()
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: g.run}; s.Workers = 2 })
	for _, name := range []string{"a", "b", "c"} {
		b.submit(name, nil)
	}
	g.waitBegan(t)
	g.waitBegan(t)
	select {
	case name := <-g.began:
		t.Errorf("%s began while two jobs ran", name)
	case <-time.After(200 * time.Millisecond):
	}
	queue, err := b.client.GetQueue(t.Context(), &sdk.GetQueueInput{Name: aws.String("Default")})
	if err != nil {
		t.Fatal(err)
	}
	if *queue.Queue.ProgressingJobsCount != 2 || *queue.Queue.SubmittedJobsCount != 1 {
		t.Errorf("queue counts %d progressing, %d submitted", *queue.Queue.ProgressingJobsCount, *queue.Queue.SubmittedJobsCount)
	}
	close(g.open)
}

func TestAPausedQueueHoldsItsJobs(t *testing.T) {
	g := newGate()
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: g.run} })
	close(g.open)
	created, err := b.client.CreateQueue(t.Context(), &sdk.CreateQueueInput{
		Name: aws.String("night"), Status: types.QueueStatusPaused, Description: aws.String("cheap"),
	})
	if err != nil {
		t.Fatal(err)
	}
	job := b.submit("out", func(q *sdk.CreateJobInput) { q.Queue = created.Queue.Arn })
	select {
	case <-g.began:
		t.Error("a job of a paused queue began")
	case <-time.After(200 * time.Millisecond):
	}
	_, err = b.client.UpdateQueue(t.Context(), &sdk.UpdateQueueInput{Name: aws.String("night"), Status: types.QueueStatusActive})
	if err != nil {
		t.Fatal(err)
	}
	b.waitFor(*job.Id, "COMPLETE")
}

func TestAQueueRunsNoMoreJobsThanItAllows(t *testing.T) {
	g := newGate()
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: g.run}; s.Workers = 3 })
	_, err := b.client.CreateQueue(t.Context(), &sdk.CreateQueueInput{Name: aws.String("narrow"), ConcurrentJobs: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	narrow := func(q *sdk.CreateJobInput) { q.Queue = aws.String("narrow") }
	b.submit("a", narrow)
	b.submit("b", narrow)
	b.submit("wide", nil)
	began := []string{g.waitBegan(t), g.waitBegan(t)}
	if !slices.ContainsFunc(began, func(name string) bool { return strings.HasSuffix(name, "/wide") }) {
		t.Errorf("began %v", began)
	}
	close(g.open)
}

func TestQueuesAreKeptListedAndDeleted(t *testing.T) {
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: newGate().run} })
	for _, name := range []string{"b", "a", "c/d e%"} {
		_, err := b.client.CreateQueue(t.Context(), &sdk.CreateQueueInput{Name: &name})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := b.client.CreateQueue(t.Context(), &sdk.CreateQueueInput{Name: aws.String("a")})
	wantError(t, err, "ConflictException", "a")
	b.restart(func(s *Server) { s.Transcoder = &fakeTranscoder{run: newGate().run} })
	var names []string
	pages := sdk.NewListQueuesPaginator(b.client, &sdk.ListQueuesInput{ListBy: types.QueueListByName, MaxResults: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range page.Queues {
			names = append(names, *q.Name)
		}
	}
	if want := []string{"Default", "a", "b", "c/d e%"}; !slices.Equal(names, want) {
		t.Errorf("queues are %v, not %v", names, want)
	}
	_, err = b.client.DeleteQueue(t.Context(), &sdk.DeleteQueueInput{Name: aws.String("c/d e%")})
	if err != nil {
		t.Error(err)
	}
	_, err = b.client.GetQueue(t.Context(), &sdk.GetQueueInput{Name: aws.String("c/d e%")})
	wantError(t, err, "NotFoundException")
	_, err = b.client.DeleteQueue(t.Context(), &sdk.DeleteQueueInput{Name: aws.String("Default")})
	wantError(t, err, "BadRequestException", "system")
	b.submit("out", func(q *sdk.CreateJobInput) { q.Queue = aws.String("a") })
	_, err = b.client.DeleteQueue(t.Context(), &sdk.DeleteQueueInput{Name: aws.String("a")})
	wantError(t, err, "ConflictException")
}

func TestAReservedQueueIsRefused(t *testing.T) {
	b := newBench(t, nil)
	_, err := b.client.CreateQueue(t.Context(), &sdk.CreateQueueInput{Name: aws.String("r"), PricingPlan: types.PricingPlanReserved})
	wantError(t, err, "BadRequestException", "/pricingPlan")
	_, err = b.client.CreateQueue(t.Context(), &sdk.CreateQueueInput{Name: aws.String(strings.Repeat("long", 30))})
	wantError(t, err, "BadRequestException", "/name")
}

func TestAJobThatWaitsIsCancelled(t *testing.T) {
	g := newGate()
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: g.run} })
	b.submit("first", nil)
	g.waitBegan(t)
	waiting := b.submit("second", nil)
	if _, err := b.client.CancelJob(t.Context(), &sdk.CancelJobInput{Id: waiting.Id}); err != nil {
		t.Fatal(err)
	}
	b.waitFor(*waiting.Id, "CANCELED")
	close(g.open)
	third := b.submit("third", nil)
	b.waitFor(*third.Id, "COMPLETE")
	if got := b.bus.statuses(*waiting.Id); !slices.Equal(got, []string{"CANCELED"}) {
		t.Errorf("the cancelled job sent %v", got)
	}
}

func TestAJobThatRunsIsCancelledAndItsWorkerIsFree(t *testing.T) {
	g := newGate()
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: g.run} })
	job := b.submit("first", nil)
	g.waitBegan(t)
	b.waitFor(*job.Id, "INPUT_INFORMATION")
	if _, err := b.client.CancelJob(t.Context(), &sdk.CancelJobInput{Id: job.Id}); err != nil {
		t.Fatal(err)
	}
	close(g.open)
	b.waitFor(*b.submit("second", nil).Id, "COMPLETE")
	if got := b.bus.statuses(*job.Id); !slices.Equal(got, []string{"PROGRESSING", "INPUT_INFORMATION", "CANCELED"}) {
		t.Errorf("the cancelled job sent %v", got)
	}
	after := b.get(*job.Id)
	if after.Status != types.JobStatusCanceled || after.Timing.FinishTime == nil {
		t.Errorf("the cancelled job is %+v", after)
	}
	_, err := b.client.CancelJob(t.Context(), &sdk.CancelJobInput{Id: job.Id})
	wantError(t, err, "ConflictException", "CANCELED")
	_, err = b.client.CancelJob(t.Context(), &sdk.CancelJobInput{Id: aws.String("no-job")})
	wantError(t, err, "NotFoundException")
	if entries := scratchOf(t, b.server); len(entries) != 0 {
		t.Errorf("scratch space still has %v", entries)
	}
}

func TestAnEventThatNobodyTookIsSentAfterARestart(t *testing.T) {
	b := newBench(t, nil)
	b.bus.setRefuse(errors.New("the bus is down"))
	job := b.submit("out", nil)
	waitStatus(b, *job.Id, types.JobStatusComplete)
	if got := b.bus.statuses(*job.Id); len(got) != 0 {
		t.Fatalf("sent %v to a bus that is down", got)
	}
	b.bus.setRefuse(nil)
	b.restart(nil)
	b.waitFor(*job.Id, "COMPLETE")
	if got := b.bus.statuses(*job.Id); !slices.Equal(got, []string{"PROGRESSING", "INPUT_INFORMATION", "COMPLETE"}) {
		t.Errorf("sent %v", got)
	}
}

func TestAnEventThatNobodyTookIsSentAgain(t *testing.T) {
	b := newBench(t, nil)
	b.bus.setRefuse(errors.New("the bus is down"))
	job := b.submit("out", nil)
	waitStatus(b, *job.Id, types.JobStatusComplete)
	b.bus.setRefuse(nil)
	b.waitFor(*job.Id, "COMPLETE")
}

func TestARunningJobTellsHowFarItIs(t *testing.T) {
	reported, open := make(chan struct{}), make(chan struct{})
	b := newBench(t, func(s *Server) {
		s.Transcoder = &fakeTranscoder{run: func(_ context.Context, job transcode.Job) (*transcode.Result, error) {
			job.Progress(transcode.Progress{Phase: "TRANSCODING", Percent: 50})
			close(reported)
			<-open
			return oneFile(job)
		}}
	})
	id := *b.submit("out", nil).Id
	<-reported
	job := b.get(id)
	if job.Status != types.JobStatusProgressing || job.CurrentPhase != types.JobPhaseTranscoding || *job.JobPercentComplete != 47 {
		t.Errorf("job is %s %s %v", job.Status, job.CurrentPhase, job.JobPercentComplete)
	}
	close(open)
	b.waitFor(id, "COMPLETE")
	if job := b.get(id); job.CurrentPhase != "" || *job.JobPercentComplete != 100 {
		t.Errorf("the finished job is in %s at %d %%", job.CurrentPhase, *job.JobPercentComplete)
	}
}
