package httpapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/httpapi"
)

// operators are values that no answer of the API may have.
var operators = map[string]string{
	"an account":             "123456789012",
	"a role":                 "arn:aws:iam::123456789012:role/vod-EncoderRole-1A2B3C",
	"a bucket":               "vod-destinationbucket-1x2y3z",
	"a URI":                  "s3://vod-destinationbucket-1x2y3z/",
	"a version id":           "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY",
	"a request id of S3":     "79A104EXAMPLEB723",
	"a request id":           "4442587f-b7d0-5ca2-aaaa-7e8bee7dc16f",
	"a link to the console":  "console.aws.amazon.com",
	"an access key":          "ASIAIOSFODNN7EXAMPLE",
	"a function":             "vod-PlanFunction-9Z8Y7X",
	"the role's unique name": "AROAEXAMPLEROLE",
}

// poison has them all, as services write them.
const poison = "operation error S3: HeadObject, https response error StatusCode: 403, RequestID: 79A104EXAMPLEB723, api error AccessDenied: " +
	"User: arn:aws:iam::123456789012:role/vod-EncoderRole-1A2B3C (AROAEXAMPLEROLE:vod-PlanFunction-9Z8Y7X, ASIAIOSFODNN7EXAMPLE) is not authorized to perform: " +
	"s3:GetObjectVersion on s3://vod-destinationbucket-1x2y3z/x?versionId=3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY, request id: 4442587f-b7d0-5ca2-aaaa-7e8bee7dc16f; " +
	"https://eu-central-1.console.aws.amazon.com/states/home#/v2/executions/details/arn:aws:states:eu-central-1:123456789012:execution:vod:x"

// jobErrors are messages of MediaConvert, as its user guide and its users
// show them.
var jobErrors = []string{
	"Unable to open input file [s3://vod-destinationbucket-1x2y3z/video/a.mp4]: [Failed probe/open: [Failed to read data: AssumeRole failed]]",
	"Unable to write to output file [s3:///vod-destinationbucket-1x2y3z/out]: [Failed to write data: Access Denied]",
	"Failed to assume the role arn:aws:iam::123456789012:role/vod-EncoderRole-1A2B3C, request id: 4442587f-b7d0-5ca2-aaaa-7e8bee7dc16f",
	"1401: 123456789012", poison,
}

// fill puts the poison into every text and number of a value, but for the
// fields that are named.
func fill(v reflect.Value, but ...string) {
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		v.SetBytes([]byte(text(map[string]string{"message": poison})))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(poison)
	case reflect.Int, reflect.Int64:
		v.SetInt(123456789012)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), but...)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), but...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); !strings.Contains(" "+strings.Join(but, " ")+" ", " "+field.Name+" ") {
				fill(v.Field(i), but...)
			}
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]any{"free": poison, "HLSURL": poison}))
	default:
		panic("nothing is known of " + v.Type().String())
	}
}

// quiet complains about an answer that has what is the operator's. The URLs of
// an upload name the bucket; they are what the caller asked for.
func (a answer) quiet(t *testing.T, call string) {
	t.Helper()
	var body any
	if err := json.Unmarshal([]byte(a.text), &body); err != nil && a.text != "" {
		t.Fatalf("%s: %v", call, err)
	}
	said := text(withoutUpload(body)) + text(a.header)
	for what, value := range operators {
		if strings.Contains(said, value) {
			t.Errorf("%s: %d names %s: %s", call, a.status, what, a.text)
		}
	}
}

func withoutUpload(body any) any {
	if object, ok := body.(map[string]any); ok {
		delete(object, "upload")
	}
	return body
}

// everyCall is every call of the API about a video.
func everyCall(id string) [][3]string {
	return append(calls(id), [3]string{"GET", "/videos", ""}, [3]string{"GET", "/openapi.json", ""}, [3]string{"GET", "/healthz", ""},
		[3]string{"POST", "/videos", `{"fileName":"a.mp4","contentType":"video/mp4","size":5}`})
}

// ours are the fields of a row that the API itself has written, or its caller.
var ours = []string{"ID", "S3Key", "VodGUID", "EncodingStatus", "Progress", "Title", "OwnerID", "FileName", "ContentType", "Size", "Metadata", "Options",
	"CreatedAt", "UpdatedAt", "Duration", "Width", "Height", "Bitrate", "Version", "Encodes", "UploadID", "PartSize", "DeletedAt"}

func TestNoAnswerSaysOfARowWhatIsTheOperators(t *testing.T) {
	messages := []string{poison}
	for i, said := range jobErrors {
		failure := contract.JobDetail{JobID: poison, Status: contract.JobError, ErrorCode: 1000 + i, ErrorMessage: said}.Failure()
		messages = append(messages, failure.Message)
		messages = append(messages, contract.JobDetail{JobID: "1732.abc", Status: contract.JobError, ErrorCode: 1432, ErrorMessage: said}.Failure().Message)
	}
	codes := []contract.Code{contract.Code(poison), "ASIAIOSFODNN7EXAMPLE"}
	for _, info := range contract.Codes {
		codes = append(codes, info.Code)
	}
	for _, status := range []contract.Status{contract.StatusNew, contract.StatusIngest, contract.StatusComplete, contract.StatusError} {
		w := newWorld(t)
		w.api.SourceBucket = operators["a bucket"]
		for i, code := range codes {
			made := w.create(alice, 5)
			w.change(made.Video.ID, func(row *contract.VideoRow) {
				fill(reflect.ValueOf(row).Elem(), ours...)
				row.EncodingStatus, row.ErrorCode, row.ErrorMessage = status, code, messages[i%len(messages)]
			})
			asked := everyCall(made.Video.ID)
			if i > 0 { // the code is in the video alone
				asked = [][3]string{{"GET", "/videos/" + made.Video.ID, ""}, {"GET", "/videos?limit=1", ""}, {"PATCH", "/videos/" + made.Video.ID, `{"title":"b"}`}}
			}
			for _, call := range asked {
				w.as(alice, call[0], call[1], call[2]).quiet(t, fmt.Sprintf("%s %.30s %s", status, code, call))
			}
		}
		for _, message := range messages {
			made := w.create(alice, 5)
			w.change(made.Video.ID, func(row *contract.VideoRow) {
				row.EncodingStatus, row.ErrorCode, row.ErrorMessage = contract.StatusError, contract.CodeJobFailed, message
			})
			w.as(alice, "GET", "/videos/"+made.Video.ID, "").quiet(t, message)
		}
	}
}

func TestNoAnswerSaysOfAMessageWhatIsTheOperators(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 5)
	id, n := made.Video.ID, 0
	add := func(status contract.Status, body string) {
		n++
		event := contract.RowEvent{ID: id, At: fmt.Sprintf("%03d", n), GUID: unknownID, Status: status, ReceivedAt: "2026-11-23T16:00:01.000Z", Message: json.RawMessage(body)}
		if err := w.history.Add(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}
	for _, status := range []contract.Status{contract.StatusIngest, contract.StatusComplete, contract.StatusError} {
		for _, numbers := range []bool{true, false} {
			var rec contract.Record
			fill(reflect.ValueOf(&rec).Elem())
			rec.WorkflowStatus = status
			if !numbers {
				rec.SrcWidth, rec.SrcHeight, rec.EncodingProfile = 1920, 1080, 1080
			}
			message, err := contract.FinalMessage(rec)
			if status == contract.StatusIngest {
				message, err = contract.IngestMessage(rec)
			}
			if err != nil {
				t.Fatal(err)
			}
			add(status, message.Body)
			result, err := contract.ResultMessage(rec)
			if err != nil {
				t.Fatal(err)
			}
			add(status, result.Body)
		}
		add(status, text(poison))
		add(status, text([]string{poison}))
		add(status, text(map[string]any{"shortened": poison, "hlsUrl": []string{poison}, "status": map[string]string{"a": poison}}))
	}
	a := w.as(alice, "GET", "/videos/"+id+"/events", "")
	a.quiet(t, "events")
	var got struct{ Events []httpapi.Event }
	a.into(t, 200, &got)
	if len(got.Events) != n {
		t.Errorf("%d events, want %d", len(got.Events), n)
	}
}

func TestNoProblemSaysWhatAServiceSaid(t *testing.T) {
	said := map[string]error{
		"plain": errors.New(poison), "throttled": fmt.Errorf("%w: %s", contract.ErrThrottled, poison), "down": fmt.Errorf("%w: %s", contract.ErrUnavailable, poison),
		"denied": fmt.Errorf("%w: %s", contract.ErrDenied, poison), "doubt": fmt.Errorf("%w: %s", contract.ErrInDoubt, poison),
		"final": contract.Failf(contract.CodeJobRefused, "%s", poison), "panic": nil,
	}
	for name, err := range said {
		failing := func(string, string) error {
			if err == nil {
				panic(poison)
			}
			return err
		}
		for _, port := range []string{"rows", "history", "running", "uploads", "executions", "work"} {
			w := newWorld(t)
			single, large := w.create(alice, 5), w.create(alice, 3*mib)
			done := w.create(alice, 5)
			w.upload(done)
			w.encoded(done.Video.ID)
			busy := w.create(alice, 5)
			w.change(busy.Video.ID, func(row *contract.VideoRow) { row.VodGUID, row.EncodingStatus = "g", contract.StatusIngest })
			switch port {
			case "rows":
				w.rows.Before = failing
			case "history":
				w.history.Before = failing
			case "running":
				w.running.Before = failing
			case "uploads":
				w.uploads.before = failing
			case "executions":
				w.started.err = errors.New(poison)
			case "work":
				w.work.Before = func(string) error { return failing("", "") }
			}
			videos := []videoBody{single, done, busy}
			if port == "rows" || port == "uploads" { // the others have nothing to do with parts
				videos = append(videos, large)
			}
			for _, video := range videos {
				for _, call := range everyCall(video.Video.ID) {
					w.as(alice, call[0], call[1], call[2]).quiet(t, fmt.Sprint(name, " ", port, " ", call))
				}
			}
		}
	}
}

func TestAnErrorSaysWithItsCodeWhatTheCallerHasSent(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 5)
	meaning := func(code contract.Code) string { info, _ := contract.Explain(code); return info.Meaning }
	for _, c := range []struct {
		code             contract.Code
		options, message string
		want             string
	}{
		{contract.CodeEmptySource, "", "m", "holiday.mp4: " + meaning(contract.CodeEmptySource)},
		{contract.CodeJobFailed, "", "MediaConvert job 1732-x failed with code 1404: m", "holiday.mp4: " + meaning(contract.CodeJobFailed) + " MediaConvert's error code is 1404."},
		{contract.CodeJobTemplateUnknown, `{"jobTemplate":"mine"}`, "m", "holiday.mp4: " + meaning(contract.CodeJobTemplateUnknown) + ` jobTemplate is "mine".`},
		{contract.CodeJobTemplateUnknown, "", "m", "holiday.mp4: " + meaning(contract.CodeJobTemplateUnknown)},
		{contract.CodeMetadataInvalid, `{"inputRotate":"LEFT"}`, "m", `holiday.mp4: The video's options cannot be used: inputRotate is "LEFT"; AUTO, DEGREE_0, DEGREES_90, DEGREES_180 or DEGREES_270 is allowed.`},
	} {
		w.change(made.Video.ID, func(row *contract.VideoRow) {
			row.EncodingStatus, row.ErrorCode, row.ErrorMessage, row.Options = contract.StatusError, c.code, c.message, c.options
		})
		var read videoBody
		w.as(alice, "GET", "/videos/"+made.Video.ID, "").into(t, 200, &read)
		if read.Video.ErrorMessage != c.want || read.Video.ErrorCode != c.code {
			t.Errorf("%s with %q says %s\n  %q, want\n  %q", c.code, c.message, read.Video.ErrorCode, read.Video.ErrorMessage, c.want)
		}
		if row := w.rows.Row(made.Video.ID); row.ErrorMessage != c.message {
			t.Errorf("the operator's row says %q", row.ErrorMessage)
		}
	}
}

func TestAMessageShowsWhatIsTheCallers(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 5)
	body := map[string]any{
		"guid": unknownID, "status": "Complete", "workflowStatus": "Complete", "startTime": "2026-11-23T16:00:00.000Z", "endTime": "2026-11-23T16:01:00.000Z",
		"srcVideo": made.Video.S3Key, "srcBucket": "b", "srcWidth": 1920, "srcHeight": 1080,
		"hlsUrl": "https://cdn/g/h.m3u8", "dashUrl": "https://cdn/g/h.mpd", "mp4Urls": []string{"https://cdn/g/1.mp4", "s3://b/2.mp4"}, "thumbNailUrl": []string{"https://cdn/g/t.jpg"},
		"hlsPlaylist": "s3://b/h.m3u8", "warnings": []string{"w"}, "errorDetails": "d",
	}
	event := contract.RowEvent{ID: made.Video.ID, At: "1", GUID: unknownID, Status: contract.StatusComplete, ReceivedAt: "2026-11-23T16:01:01.000Z", Message: json.RawMessage(text(body))}
	if err := w.history.Add(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	var got struct{ Events []httpapi.Event }
	w.as(alice, "GET", "/videos/"+made.Video.ID+"/events", "").into(t, 200, &got)
	want := httpapi.Event{GUID: unknownID, Status: contract.StatusComplete, ReceivedAt: "2026-11-23T16:01:01.000Z", Message: &httpapi.EventMessage{
		GUID: unknownID, Status: contract.StatusComplete, StartTime: "2026-11-23T16:00:00.000Z", EndTime: "2026-11-23T16:01:00.000Z", SrcVideo: made.Video.S3Key, SrcWidth: 1920, SrcHeight: 1080,
		HLSURL: "https://cdn/g/h.m3u8", DASHURL: "https://cdn/g/h.mpd", MP4URLs: []string{"https://cdn/g/1.mp4"}, ThumbNailURL: []string{"https://cdn/g/t.jpg"},
	}}
	if len(got.Events) != 1 || !reflect.DeepEqual(got.Events[0], want) {
		t.Errorf("the event is %s, want %s", text(got.Events), text(want))
	}
}
