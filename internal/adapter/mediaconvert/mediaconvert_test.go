package mediaconvert_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	awsmediaconvert "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/adapter/mediaconvert"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
	"github.com/vodstack/vodstack/internal/video"
)

func client(t *testing.T, answer awstest.Answer) (*awstest.Service, *awsmediaconvert.Client) {
	t.Helper()
	s := &awstest.Service{Reply: func(awstest.Call) awstest.Answer { return answer }}
	return s, awsmediaconvert.NewFromConfig(s.Config(t))
}

// refusal is an error in the service's own shape.
func refusal(status int, name string) awstest.Answer {
	return awstest.Answer{Status: status, Header: map[string]string{"X-Amzn-ErrorType": name}, Body: `{"message":"/inputs/0: should match pattern"}`}
}

func job() encoding.Job {
	return encoding.Job{
		Role: "arn:role", ClientRequestToken: "g", UserMetadata: map[string]string{"guid": "g"},
		StatusUpdateInterval: types.StatusUpdateIntervalSeconds10,
		Settings:             &types.JobSettings{Inputs: []types.Input{{}}},
	}
}

func TestAJobIsSubmittedAsItWasPlanned(t *testing.T) {
	s, c := client(t, awstest.Answer{Status: 201, Body: `{"job":{"id":"1-abc","role":"arn:role","settings":{}}}`})
	id, err := (&mediaconvert.Jobs{Client: c}).Submit(context.Background(), job())
	if err != nil || id != "1-abc" {
		t.Fatalf("id %q, %v", id, err)
	}
	call := s.Calls()[0]
	var sent map[string]any
	if err := json.Unmarshal([]byte(call.Body), &sent); err != nil {
		t.Fatal(err)
	}
	if call.Path != "/2017-08-29/jobs" || sent["clientRequestToken"] != "g" || sent["statusUpdateInterval"] != "SECONDS_10" || sent["role"] != "arn:role" {
		t.Errorf("sent %s %s", call.Path, call.Body)
	}
	for _, absent := range []string{"queue", "jobTemplate", "priority"} {
		if _, ok := sent[absent]; ok {
			t.Errorf("%s is sent though it isn't set", absent)
		}
	}
}

func TestARefusedJobIsToldFromABusyService(t *testing.T) {
	for name, answer := range map[string]awstest.Answer{
		"JobRefused":   refusal(400, "BadRequestException"),
		"Throttled":    refusal(429, "TooManyRequestsException"),
		"Unavailable":  refusal(500, "InternalServerErrorException"),
		"AccessDenied": refusal(403, "ForbiddenException"),
	} {
		_, c := client(t, answer)
		_, err := (&mediaconvert.Jobs{Client: c}).Submit(context.Background(), job())
		if err == nil || contract.ErrorName(err) != name {
			t.Errorf("error is %v (%s), want %s", err, contract.ErrorName(err), name)
		}
		if name == "JobRefused" && !strings.Contains(contract.Sentence(err), "/inputs/0") {
			t.Errorf("%v lacks what the service said", err)
		}
	}
}

func TestASubmissionWithoutAClearAnswerIsInDoubt(t *testing.T) {
	down, busy := refusal(500, "InternalServerErrorException"), refusal(429, "TooManyRequestsException")
	taken := awstest.Answer{Status: 201, Body: `{"job":{"id":"1-abc","role":"arn:role","settings":{}}}`}
	for name, c := range map[string]struct {
		answers []awstest.Answer
		calls   int
		doubt   bool
		err     string
	}{
		"taken at the second try":        {[]awstest.Answer{{Err: errors.New("reset")}, taken}, 2, false, ""},
		"down twice":                     {[]awstest.Answer{down, down}, 2, true, "Unavailable"},
		"lost twice":                     {[]awstest.Answer{{Err: errors.New("reset")}, {Err: errors.New("reset")}}, 2, true, "Unavailable"},
		"lost, then busy":                {[]awstest.Answer{{Err: errors.New("reset")}, busy}, 2, true, "Unavailable"},
		"busy":                           {[]awstest.Answer{busy}, 1, false, "Throttled"},
		"refused":                        {[]awstest.Answer{refusal(400, "BadRequestException")}, 1, false, "JobRefused"},
		"over a quota of the account":    {[]awstest.Answer{refusal(402, "ServiceQuotaExceededException")}, 1, false, "Throttled"},
		"not allowed":                    {[]awstest.Answer{refusal(403, "ForbiddenException")}, 1, false, "AccessDenied"},
		"without a job in a good answer": {[]awstest.Answer{{Status: 201, Body: `{}`}}, 1, true, "Unavailable"},
	} {
		n := 0
		s := &awstest.Service{Reply: func(awstest.Call) awstest.Answer { n++; return c.answers[n-1] }}
		_, err := (&mediaconvert.Jobs{Client: awsmediaconvert.NewFromConfig(s.Config(t))}).Submit(context.Background(), job())
		if n != c.calls || errors.Is(err, contract.ErrInDoubt) != c.doubt || c.err == "" && err != nil || c.err != "" && (err == nil || contract.ErrorName(err) != c.err) {
			t.Errorf("%s: %d calls, error %v", name, n, err)
		}
	}
}

func TestAJobIsFoundByItsFileAndItsMetadata(t *testing.T) {
	input := "s3://source/" + strings.Repeat("ä", 400) + ".mp4"
	wanted := job()
	wanted.Settings.Inputs[0].FileInput = &input
	found := func(id, guid string, created int) string {
		return fmt.Sprintf(`{"id":%q,"createdAt":%d,"role":"r","settings":{},"userMetadata":{"guid":%q}}`, id, created, guid)
	}
	since := time.Unix(1_700_000_000, 0)
	pages := map[string]string{
		"":  `{"jobs":[` + found("other", "h", 1_700_000_100) + `],"nextToken":"2"}`,
		"2": `{"jobs":[` + found("ours", "g", 1_699_999_990) + `,` + found("older", "g", 1_690_000_000) + `]}`,
	}
	s := &awstest.Service{Reply: func(call awstest.Call) awstest.Answer {
		query, err := url.ParseQuery(call.Query)
		if err != nil || call.Path != "/2017-08-29/search" || len([]rune(query.Get("inputFile"))) != 300 || !strings.HasSuffix(input, query.Get("inputFile")) || query.Get("order") != "DESCENDING" {
			t.Errorf("asked %s?%s (%v)", call.Path, call.Query, err)
		}
		return awstest.Answer{Body: pages[query.Get("nextToken")]}
	}}
	jobs := &mediaconvert.Jobs{Client: awsmediaconvert.NewFromConfig(s.Config(t))}
	if id, err := jobs.Find(context.Background(), wanted, since); err != nil || id != "ours" {
		t.Errorf("found %q, %v", id, err)
	}
	if id, err := jobs.Find(context.Background(), wanted, since.Add(time.Hour)); !errors.Is(err, contract.ErrNotFound) {
		t.Errorf("found %q, %v; want none of that hour", id, err)
	}
}

func TestLookTellsHowAJobIsDoing(t *testing.T) {
	_, c := client(t, awstest.Answer{Body: `{"job":{"id":"1-a","role":"r","settings":{},"status":"ERROR","errorCode":1010,"errorMessage":"no",
		"timing":{"submitTime":1700000000,"startTime":1700000060}}}`})
	detail, err := (&mediaconvert.Jobs{Client: c}).Look(context.Background(), "1-a")
	if err != nil {
		t.Fatal(err)
	}
	if detail.JobID != "1-a" || detail.Status != "ERROR" || detail.ErrorCode != 1010 || detail.StartedAt != "2023-11-14T22:14:20.000Z" {
		t.Errorf("detail is %+v", detail)
	}
	_, c = client(t, refusal(404, "NotFoundException"))
	if _, err := (&mediaconvert.Jobs{Client: c}).Look(context.Background(), "1-a"); !errors.Is(err, contract.ErrNotFound) {
		t.Errorf("a job that is gone is %v", err)
	}
}

func TestAJobThatHasEndedCountsAsCancelled(t *testing.T) {
	for _, answer := range []awstest.Answer{{Status: 202, Body: "{}"}, refusal(409, "ConflictException"), refusal(400, "BadRequestException")} {
		_, c := client(t, answer)
		if err := (&mediaconvert.Jobs{Client: c}).Cancel(context.Background(), "1-a"); err != nil {
			t.Error(err)
		}
	}
	_, c := client(t, refusal(500, "InternalServerErrorException"))
	if err := (&mediaconvert.Jobs{Client: c}).Cancel(context.Background(), "1-a"); err == nil {
		t.Error("a service that is down is no error")
	}
}

func TestATemplateIsRead(t *testing.T) {
	_, c := client(t, awstest.Answer{Body: `{"jobTemplate":{"name":"mine","settings":{"adAvailOffset":7}}}`})
	settings, err := (&mediaconvert.Jobs{Client: c}).Template(context.Background(), "mine")
	if err != nil || *settings.AdAvailOffset != 7 {
		t.Errorf("settings %+v, %v", settings, err)
	}
}

func TestAProbeTellsTracksRotationAndPixelAspect(t *testing.T) {
	body, err := os.ReadFile("testdata/probe.json")
	if err != nil {
		t.Fatal(err)
	}
	s, c := client(t, awstest.Answer{Body: string(body)})
	media, err := (&mediaconvert.Prober{Client: c, Bucket: "source"}).Probe(context.Background(), "/video/a b.mov")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.Calls()[0].Body, `"fileUrl":"s3://source//video/a b.mov"`) {
		t.Errorf("asked %s", s.Calls()[0].Body)
	}
	if media.Format != "quicktime" || media.Duration != 10_010*time.Millisecond || media.Size != 2_000_000 || media.Bitrate != 1_598_402 {
		t.Errorf("media is %+v", media)
	}
	checkTracks(t, media)
}

func checkTracks(t *testing.T, media video.Media) {
	t.Helper()
	if len(media.Video) != 1 || len(media.Audio) != 1 || len(media.Text) != 1 {
		t.Fatalf("tracks are %+v", media)
	}
	want := video.VideoTrack{
		Codec: "AVC", Profile: "High", Bitrate: 1_500_000, Duration: 10 * time.Second, FrameCount: 300,
		Width: 1440, Height: 1080, FrameRate: video.Ratio{Num: 30000, Den: 1001}, ScanType: "PROGRESSIVE",
		BitDepth: 8, ColorSpace: "ITU_709", Rotation: 270, PixelAspect: video.Ratio{Num: 4, Den: 3},
	}
	if media.Video[0] != want {
		t.Errorf("picture is %+v, want %+v", media.Video[0], want)
	}
	if a := media.Audio[0]; a.Codec != "AAC" || a.Channels != 6 || a.Language != "eng" || a.SamplingRate != 48000 {
		t.Errorf("sound is %+v", a)
	}
}

func TestWhatIsNoVideoIsTheUploadersFault(t *testing.T) {
	for name, answer := range map[string]awstest.Answer{
		"refused":      refusal(400, "BadRequestException"),
		"not opened":   refusal(422, "UnprocessableEntityException"),
		"no result":    {Body: `{"probeResults":[]}`},
		"no container": {Body: `{"probeResults":[{"metadata":{"fileSize":5}}]}`},
		"no format":    {Body: `{"probeResults":[{"container":{"tracks":[]}}]}`},
	} {
		_, c := client(t, answer)
		_, err := (&mediaconvert.Prober{Client: c, Bucket: "source"}).Probe(context.Background(), "a.mp4")
		if err == nil || contract.ErrorName(err) != string(contract.CodeSourceUnreadable) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestAnOddProbeIsNoTrouble(t *testing.T) {
	for _, body := range []string{
		`{"probeResults":[{"container":{"format":"mp4","duration":-1,"tracks":[{"trackType":"video"},{"trackType":"hologram"},{}]}}]}`,
		`{"probeResults":[{"container":{"format":"mp4","duration":1e300,"tracks":[{"trackType":"video","videoProperties":{"rotation":17,"sampleAspectRatio":{"numerator":-1,"denominator":0}}}]}}]}`,
	} {
		_, c := client(t, awstest.Answer{Body: body})
		media, err := (&mediaconvert.Prober{Client: c, Bucket: "source"}).Probe(context.Background(), "a.mp4")
		if err != nil || media.Duration != 0 || media.Bitrate != 0 {
			t.Errorf("media is %+v, %v", media, err)
		}
		for _, v := range media.Video {
			if v.Rotation != 0 || v.PixelAspect != (video.Ratio{}) {
				t.Errorf("picture is %+v", v)
			}
		}
	}
}
