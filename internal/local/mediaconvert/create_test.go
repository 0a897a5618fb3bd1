package mediaconvert

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

func TestAJobIsCreatedAsTheServiceDoesIt(t *testing.T) {
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: newGate().run} })
	job := b.submit("out", func(q *sdk.CreateJobInput) {
		q.Priority = aws.Int32(3)
		q.StatusUpdateInterval = types.StatusUpdateIntervalSeconds10
	})
	if want := "arn:aws:mediaconvert:" + region + ":" + account + ":jobs/" + *job.Id; *job.Arn != want {
		t.Errorf("ARN is %s, not %s", *job.Arn, want)
	}
	if want := "arn:aws:mediaconvert:" + region + ":" + account + ":queues/Default"; *job.Queue != want {
		t.Errorf("queue is %s, not %s", *job.Queue, want)
	}
	if job.Status != types.JobStatusSubmitted || *job.Priority != 3 || job.UserMetadata["guid"] != "g-1" ||
		job.AccelerationStatus != types.AccelerationStatusNotApplicable || *job.Role != role {
		t.Errorf("job is %+v", job)
	}
	if age := time.Since(*job.Timing.SubmitTime); age < -time.Second || age > time.Minute {
		t.Errorf("submitted %s ago", age)
	}
	if got := *job.Settings.Inputs[0].FileInput; got != "s3://"+b.bucket+"/in.mp4" {
		t.Errorf("settings come back with input %s", got)
	}
}

func TestTwentyRequestsWithOneTokenMakeOneJob(t *testing.T) {
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: newGate().run} })
	request := b.job(b.put("in.mp4", []byte("a video")), "out")
	request.ClientRequestToken = aws.String("token-1")
	ids := make([]string, 20)
	var group sync.WaitGroup
	for i := range ids {
		group.Go(func() {
			out, err := b.client.CreateJob(context.Background(), request)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = *out.Job.Id
		})
	}
	group.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("jobs are %v", ids)
		}
	}
	if jobs := len(b.server.state.all()); jobs != 1 {
		t.Errorf("there are %d jobs", jobs)
	}
}

func TestATokenIsKnownAfterARestart(t *testing.T) {
	b := newBench(t, nil)
	token := func(q *sdk.CreateJobInput) { q.ClientRequestToken = aws.String("token-2") }
	first := b.submit("out", token)
	b.waitFor(*first.Id, "COMPLETE")
	b.restart(nil)
	if again := b.submit("out", token); *again.Id != *first.Id {
		t.Errorf("the token made job %s, then %s", *first.Id, *again.Id)
	}
}

func TestATokenWithAnotherBodyIsAConflict(t *testing.T) {
	b := newBench(t, nil)
	token := func(q *sdk.CreateJobInput) { q.ClientRequestToken = aws.String("token-3") }
	b.submit("out", token)
	request := b.job(b.put("in.mp4", nil), "elsewhere")
	token(request)
	_, err := b.client.CreateJob(t.Context(), request)
	wantError(t, err, "ConflictException", "token-3")
}

func TestATokenIsForgottenAfterAMinute(t *testing.T) {
	b := newBench(t, nil)
	token := func(q *sdk.CreateJobInput) { q.ClientRequestToken = aws.String("token-4") }
	first := b.submit("out", token)
	b.submittedAgo(*first.Id, 30*time.Second)
	if again := b.submit("out", token); *again.Id != *first.Id {
		t.Error("the token was forgotten within half a minute")
	}
	b.submittedAgo(*first.Id, 61*time.Second)
	second := b.submit("out", token)
	if *second.Id == *first.Id {
		t.Error("the token was still known after 61 s")
	}
	b.restart(nil)
	if again := b.submit("out", token); *again.Id != *second.Id {
		t.Error("after a restart the token stands for the first job, which is too old, not for the second")
	}
}

// submittedAgo makes a job older than it is.
func (b *bench) submittedAgo(id string, age time.Duration) {
	b.Helper()
	err := b.server.state.update(id, func(job *record) error {
		job.SubmittedAt = time.Now().Add(-age)
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func TestWhatIsNotCarriedOutIsRefusedWithItsPath(t *testing.T) {
	b := newBench(t, nil)
	for name, c := range map[string]struct {
		change func(*sdk.CreateJobInput)
		words  []string
	}{
		"HEVC": {func(q *sdk.CreateJobInput) {
			q.Settings.OutputGroups[0].Outputs[0].VideoDescription.CodecSettings = &types.VideoCodecSettings{
				Codec: types.VideoCodecH265, H265Settings: &types.H265Settings{},
			}
		}, []string{"/outputGroups/0/outputs/0/videoDescription/codecSettings"}},
		"clipping": {func(q *sdk.CreateJobInput) {
			q.Settings.Inputs[0].InputClippings = []types.InputClipping{{StartTimecode: aws.String("00:00:01:00")}}
		}, []string{"/inputs/0/inputClippings"}},
		"a range of the API": {func(q *sdk.CreateJobInput) {
			q.Settings.OutputGroups[0].Outputs[0].VideoDescription.Height = aws.Int32(7)
		}, []string{"/outputGroups/0/outputs/0/videoDescription/height", "32"}},
		"an enum of the API": {func(q *sdk.CreateJobInput) {
			q.Settings.Inputs[0].VideoSelector.Rotate = "UPSIDE_DOWN"
		}, []string{"/inputs/0/videoSelector/rotate", "DEGREES_90"}},
		"an input from the web": {func(q *sdk.CreateJobInput) {
			q.Settings.Inputs[0].FileInput = aws.String("https://example.com/a.mp4")
		}, []string{"/inputs/0/fileInput"}},
		"no inputs": {func(q *sdk.CreateJobInput) { q.Settings.Inputs = nil }, []string{"inputs"}},
		"hopping": {func(q *sdk.CreateJobInput) {
			q.HopDestinations = []types.HopDestination{{WaitMinutes: aws.Int32(1)}}
		}, []string{"/hopDestinations"}},
		"reserved": {func(q *sdk.CreateJobInput) {
			q.SimulateReservedQueue = types.SimulateReservedQueueEnabled
		}, []string{"/simulateReservedQueue"}},
		"engine":              {func(q *sdk.CreateJobInput) { q.JobEngineVersion = aws.String("1") }, []string{"/jobEngineVersion"}},
		"a role that is none": {func(q *sdk.CreateJobInput) { q.Role = aws.String("me") }, []string{"/role"}},
	} {
		t.Run(name, func(t *testing.T) {
			request := b.job("s3://"+b.bucket+"/in.mp4", "out")
			c.change(request)
			_, err := b.client.CreateJob(t.Context(), request)
			wantError(t, err, "BadRequestException", c.words...)
		})
	}
	if jobs := len(b.server.state.all()); jobs != 0 {
		t.Errorf("refused requests made %d jobs", jobs)
	}
}

func TestAJobThatAsksForAccelerationRunsAtTheMachinesOwnSpeed(t *testing.T) {
	b := newBench(t, nil)
	for mode, status := range map[types.AccelerationMode]types.AccelerationStatus{
		types.AccelerationModeEnabled: types.AccelerationStatusNotAccelerated, types.AccelerationModePreferred: types.AccelerationStatusNotAccelerated,
		types.AccelerationModeDisabled: types.AccelerationStatusNotApplicable,
	} {
		job := b.submit("out-"+string(mode), func(q *sdk.CreateJobInput) {
			q.AccelerationSettings = &types.AccelerationSettings{Mode: mode}
		})
		if job.AccelerationStatus != status || job.AccelerationSettings.Mode != mode {
			t.Errorf("%s: %s, %s", mode, job.AccelerationSettings.Mode, job.AccelerationStatus)
		}
	}
}

func TestAnUnknownQueueOrTemplateIsNotFound(t *testing.T) {
	b := newBench(t, nil)
	request := b.job("s3://"+b.bucket+"/in.mp4", "out")
	request.Queue = aws.String("nowhere")
	_, err := b.client.CreateJob(t.Context(), request)
	wantError(t, err, "NotFoundException", "nowhere")
	request.Queue, request.JobTemplate = nil, aws.String("nothing")
	_, err = b.client.CreateJob(t.Context(), request)
	wantError(t, err, "NotFoundException", "nothing")
}
