package apimodel

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// job is a small valid CreateJob with one place to put something wrong.
func job(inside string) string {
	return `{"role":"arn:aws:iam::1:role/r","settings":{` + inside + `}}`
}

func TestValidate(t *testing.T) {
	for _, c := range []struct{ name, op, body, want string }{
		{"a job with the least that is required", "CreateJob", job(``), ""},
		{"a required member is missing", "CreateJob", `{"settings":{}}`, ": role is a required property"},
		{"an unknown member", "CreateJob", job(`"outputGroup":[]`), "/settings/outputGroup: Should not have additional properties"},
		{"a name in UpperCamel", "CreateJob", `{"Role":"r","role":"r","settings":{}}`, "/Role: Should not have additional properties"},
		{"a value outside its enum", "CreateJob", job(`"timecodeConfig":{"source":"ZERO"}`),
			"/settings/timecodeConfig/source: Should be one of EMBEDDED, ZEROBASED, SPECIFIEDSTART"},
		{"a number that is too small", "CreateJob", output(`"videoDescription":{"width":30}`),
			"/settings/outputGroups/0/outputs/0/videoDescription/width: Should be greater than or equal to 32"},
		{"a number that is too large", "CreateJob", output(`"videoDescription":{"width":8194}`),
			"/settings/outputGroups/0/outputs/0/videoDescription/width: Should be less than or equal to 8192"},
		{"a fraction where an integer belongs", "CreateJob", output(`"videoDescription":{"width":640.5}`),
			"/settings/outputGroups/0/outputs/0/videoDescription/width: Should be of type integer, is number"},
		{"a whole number in another notation", "CreateJob", output(`"videoDescription":{"width":6.4e2}`), ""},
		{"a number with an absurd exponent", "CreateJob", output(`"videoDescription":{"width":1e400000000}`),
			"/settings/outputGroups/0/outputs/0/videoDescription/width: Should be of type integer, is number"},
		{"a string where a number belongs", "CreateJob", output(`"videoDescription":{"width":"640"}`),
			"/settings/outputGroups/0/outputs/0/videoDescription/width: Should be of type integer, is string"},
		{"an object where a list belongs", "CreateJob", job(`"outputGroups":{}`),
			"/settings/outputGroups: Should be of type list, is object"},
		{"a list where an object belongs", "CreateJob", job(`"timecodeConfig":[]`),
			"/settings/timecodeConfig: Should be of type structure, is array"},
		{"null", "CreateJob", job(`"inputs":null`), "/settings/inputs: Should not be null (allowed: list)"},
		{"a destination that is not of S3", "CreateJob",
			group(`"outputs":[{"preset":"p"}],"outputGroupSettings":{"fileGroupSettings":{"destination":"/folder/x"}}`),
			`/settings/outputGroups/0/outputGroupSettings/fileGroupSettings/destination: Should match the pattern ^s3:\/\/.*$`},
		{"a string that is too long, counted in characters", "CreateJob",
			group(`"outputs":[{"preset":"p"}],"name":"` + strings.Repeat("ä", 2049) + `"`),
			"/settings/outputGroups/0/name: Should have at most 2048 characters"},
		{"a string of the greatest length, in characters", "CreateJob",
			group(`"outputs":[{"preset":"p"}],"name":"` + strings.Repeat("ä", 2048) + `"`), ""},
		{"a string that is too short", "CreateJob", output(`"nameModifier":""`),
			"/settings/outputGroups/0/outputs/0/nameModifier: Should have at least 1 characters"},
		{"something wrong inside a map, its key escaped", "CreateJob",
			job(`"inputs":[{"audioSelectors":{"a/b":{"tracks":[0]}}}]`),
			"/settings/inputs/0/audioSelectors/a~1b/tracks/0: Should be greater than or equal to 1"},
		{"text that is not JSON", "CreateJob", `{`, ": Should be valid JSON: unexpected EOF"},
		{"two values", "CreateJob", job(``) + `{}`, ": Should be valid JSON: there is more after the first value"},
		{"an operation that is not in the model", "Fly", `{}`, ": operation Fly is not in the API model"},
		{"a member of the URI in the body", "GetJob", `{"id":"1"}`, "/id: Should not have additional properties"},
		{"a request without body", "GetJob", ``, ""},
		{"an unknown hop in a queue's job template", "CreateJobTemplate",
			`{"name":"t","settings":{"outputGroups":[]},"priority":51}`, "/priority: Should be less than or equal to 50"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := lines(Validate(c.op, []byte(c.body))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// output is a job with one output.
func output(inside string) string {
	return job(`"outputGroups":[{"outputs":[{"containerSettings":{},` + inside + `}]}]`)
}

// group is a job with one output group.
func group(inside string) string { return job(`"outputGroups":[{` + inside + `}]`) }

func TestRulesThatTheModelDoesNotHave(t *testing.T) {
	const at = "/settings/outputGroups/0"
	h264 := func(inside string) string {
		return output(`"videoDescription":{"codecSettings":{"h264Settings":{` + inside + `}}}`)
	}
	ofType := func(kind, outputs, more string) string {
		return `{"role":"r",` + more + `"settings":{"outputGroups":[{"outputs":[` + outputs + `],"outputGroupSettings":{"type":"` + kind + `_GROUP_SETTINGS"}}]}}`
	}
	const (
		audio    = `{"nameModifier":"_a","containerSettings":{}}`
		video    = `{"nameModifier":"_v","containerSettings":{},"videoDescription":{}}`
		progress = `"statusUpdateInterval":"SECONDS_10",`
		tooMuch  = "/statusUpdateInterval: Should not be set in a job with audio-only outputs"
	)
	for _, c := range []struct{ name, body, want string }{
		{"CMAF of audio alone", ofType("CMAF", audio, ""), at + "/outputs: Should have at least 1 output with video in a CMAF group"},
		{"CMAF of video and audio", ofType("CMAF", video+","+audio, progress), ""},
		{"CMAF by preset", ofType("CMAF", `{"preset":"p"}`, ""), ""},
		{"HLS of audio alone", ofType("HLS", audio, ""), ""},
		{"progress of HLS of audio alone", ofType("HLS", audio, progress), tooMuch},
		{"progress of DASH of audio alone", ofType("DASH_ISO", audio, progress), tooMuch},
		{"progress of DASH of video and audio", ofType("DASH_ISO", video+","+audio, progress), ""},
		{"progress of a file of audio alone", ofType("FILE", video+","+audio, progress), tooMuch},
		{"a group without outputs", group(`"outputs":[]`), at + "/outputs: Should have at least 1 items"},
		{"a group that finds its outputs by itself", group(`"automatedEncodingSettings":{}`), ""},
		{"an output without container", group(`"outputs":[{}]`), at + "/outputs/0: containerSettings is a required property"},
		{"an output by preset", group(`"outputs":[{"preset":"p"}]`), ""},
		{"two outputs of one name", group(`"outputs":[{"preset":"p","nameModifier":"_a"},{"preset":"p"}]`),
			at + "/outputs/1: nameModifier is a required property"},
		{"HLS without shortest segment", group(`"outputs":[{"preset":"p"}],"outputGroupSettings":{"hlsGroupSettings":{}}`),
			at + "/outputGroupSettings/hlsGroupSettings: minSegmentLength is a required property"},
		{"an odd width", output(`"videoDescription":{"width":641}`), at + "/outputs/0/videoDescription/width: Should be a multiple of 2"},
		{"quality without a cap", h264(`"rateControlMode":"QVBR"`),
			at + "/outputs/0/videoDescription/codecSettings/h264Settings: maxBitrate is a required property"},
		{"quality with a cap", h264(`"rateControlMode":"QVBR","maxBitrate":1000000`), ""},
		{"a constant bitrate", h264(`"rateControlMode":"CBR","bitrate":1000000`), ""},
		{"what may be in the template", `{"role":"r","jobTemplate":"t","settings":{"outputGroups":[{}]}}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := lines(Validate("CreateJob", []byte(c.body))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func lines(found []Violation) string {
	var out []string
	for _, v := range found {
		out = append(out, v.Path+": "+v.Message)
	}
	return strings.Join(out, "\n")
}

func TestEveryViolationOfABodyIsReportedInOrder(t *testing.T) {
	body := `{"settings":{"followSource":0,"inputs":[{"filterStrength":9}]},"priority":"x"}`
	want := []string{": role is a required property",
		"/priority: Should be of type integer, is string",
		"/settings/followSource: Should be greater than or equal to 1",
		"/settings/inputs/0/filterStrength: Should be less than or equal to 5"}
	if got := strings.Split(lines(Validate("CreateJob", []byte(body))), "\n"); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestAViolationReadsAsTheServiceWritesIt(t *testing.T) {
	v := Violation{Path: "/settings/outputGroups/0/outputs", Message: "Should have at least 1 items"}
	if got := v.String(); got != "/outputGroups/0/outputs: Should have at least 1 items" {
		t.Error(got)
	}
	v = Violation{Path: "/priority", Message: "m"}
	if got := v.String(); got != "/priority: m" {
		t.Error(got)
	}
}

func TestValidateOutput(t *testing.T) {
	for _, c := range []struct{ name, op, body, want string }{
		{"a job as ListJobs gives it", "ListJobs", `{"jobs":[{"id":"1","role":"r","settings":{},"status":"COMPLETE",
			"timing":{"submitTime":1763910000.5},"jobPercentComplete":100}]}`, ""},
		{"a time as text", "GetJob", `{"job":{"role":"r","settings":{},"timing":{"submitTime":"2026-11-23T16:00:00Z"}}}`, ""},
		{"a time that is none", "GetJob", `{"job":{"role":"r","settings":{},"timing":{"submitTime":"soon"}}}`,
			"/job/timing/submitTime: Should be of type timestamp, is string"},
		{"a status that does not exist", "GetJob", `{"job":{"role":"r","settings":{},"status":"DONE"}}`,
			"/job/status: Should be one of SUBMITTED, PROGRESSING, COMPLETE, CANCELED, ERROR"},
		{"a probe", "Probe", `{"probeResults":[{"container":{"duration":30.16,"format":"mp4","tracks":[
			{"index":1,"codec":"AVC","trackType":"video","videoProperties":{"width":768,"height":432,
			"frameRate":{"numerator":25,"denominator":2}}}]},"metadata":{"fileSize":123456789012}}]}`, ""},
		{"a member that the service does not send", "Probe", `{"probeResults":[{"color":"red"}]}`,
			"/probeResults/0/color: Should not have additional properties"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := lines(ValidateOutput(c.op, []byte(c.body))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestNestingIsBounded(t *testing.T) {
	body := job(`"inputs":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000))
	if got := Validate("CreateJob", []byte(body)); len(got) == 0 {
		t.Error("nested lists are taken for inputs")
	}
}

// Whatever the body, Validate returns; and what it accepts is JSON of the
// API's own shape, so that it stays acceptable when written again.
func FuzzValidate(f *testing.F) {
	for _, seed := range []string{``, `{`, `null`, `[]`, job(``), output(`"videoDescription":{"width":1e9}`),
		output(`"nameModifier":"\ud800"`), job(`"inputs":[{"audioSelectors":{"~/":{}}}]`)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		found := Validate("CreateJob", body)
		for _, v := range found {
			if v.Message == "" || v.Path != "" && v.Path[0] != '/' {
				t.Errorf("violation %+v", v)
			}
		}
		if len(found) > 0 || len(body) == 0 {
			return
		}
		value, err := decode(body)
		if err != nil {
			t.Fatalf("accepted what does not parse: %v", err)
		}
		again, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if got := Validate("CreateJob", again); len(got) > 0 {
			t.Error(fmt.Sprint(got))
		}
	})
}
