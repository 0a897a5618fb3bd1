package config

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/encoding"
	"github.com/vodstack/vodstack/internal/workflow"
)

var update = flag.Bool("update", false, "write docs/configuration.md anew")

func TestWithoutAnySettingTheStackIsAProductionStack(t *testing.T) {
	c, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Stage: Prod, StackName: "vod", Architecture: "arm64", Retain: true, Trigger: VideoFile,
		Encoding: encoding.Options{
			Outputs: []encoding.Output{encoding.CMAF, encoding.MP4}, TopRung: 2160, FrameCapture: true, FrameCaptureSeconds: 5,
			InputRotate: "AUTO", AcceleratedTranscoding: "DISABLED", ArchiveSource: "DISABLED", EnableSns: true, EnableSqs: true,
		},
		Codecs:                []string{"H264"},
		EncodeDeadlineMinutes: 720, QueueDeadlineMinutes: 20160, EncodeCheckSeconds: 900,
		MaxDurationMinutes: 720, MaxPixels: 35389440,
		ArchiveDays: 1, OldVersionDays: 30, AbandonedUploadDays: 7, LogRetentionDays: 90,
		LateVideoMinutes: 120, ResultQueueAgeMinutes: 60,
		CORSOrigins: []string{"*"}, PriceClass: "PriceClass_100",
		API: API{RateLimit: 50, BurstLimit: 100, Options: []string{"archiveSource", "frameCapture", "inputRotate"}, OpenUploads: 100, Encodes: 100},
		Upload: Upload{MaxBytes: 50 << 30, SinglePutBytes: 64 << 20, URLSeconds: 3600,
			Types: []string{"video/*", "audio/*", "application/mxf", "application/octet-stream"}},
		UnknownVideosAlarm: true,
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestValuesMayBeTextOrJSON(t *testing.T) {
	for name, context := range map[string]string{
		"text from the command line": `{"outputs": "HLS, MP4", "topRung": "720", "frameCapture": "false", "corsOrigins": "https://a.example.com,http://localhost:3000"}`,
		"JSON from cdk.json":         `{"outputs": ["HLS", "MP4"], "topRung": 720, "frameCapture": false, "corsOrigins": ["https://a.example.com", "http://localhost:3000"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			c := load(t, context)
			if got := c.Encoding; !reflect.DeepEqual(got.Outputs, []encoding.Output{encoding.HLS, encoding.MP4}) || got.TopRung != 720 || got.FrameCapture {
				t.Errorf("got %+v", got)
			}
			if want := []string{"https://a.example.com", "http://localhost:3000"}; !reflect.DeepEqual(c.CORSOrigins, want) {
				t.Errorf("origins %v, want %v", c.CORSOrigins, want)
			}
		})
	}
}

func TestOnlyProductionKeepsItsDataUnlessSaidOtherwise(t *testing.T) {
	for context, retain := range map[string]bool{
		`{}`:                           true,
		`{"stage": "dev"}`:             false,
		`{"stage": "local"}`:           false,
		`{"removalPolicy": "DESTROY"}`: false,
		`{"removalPolicy": ""}`:        true,
		`{"stage": "dev", "removalPolicy": "RETAIN"}`: true,
	} {
		if c := load(t, context); c.Retain != retain {
			t.Errorf("%s: retain is %v", context, c.Retain)
		}
	}
}

func TestAnEmptyValueTakesBackWhatCdkJSONSays(t *testing.T) {
	if c := load(t, `{"adminEmail": "", "topRung": ""}`); c.AdminEmail != "" || c.Encoding.TopRung != 2160 {
		t.Errorf("got %+v", c)
	}
}

func TestCDKsOwnContextIsLeftAlone(t *testing.T) {
	load(t, `{"@aws-cdk/core:checkSecretUsage": true, "aws:cdk:enable-path-metadata": true, "availability-zones:account=1:region=eu": []}`)
}

// TestRefusals has one line per way to be wrong: the key, a value that is
// not allowed, and a part of what the error must say.
func TestRefusals(t *testing.T) {
	for _, c := range []struct{ context, says string }{
		{`{"stage": "production"}`, `stage: "production" is not allowed; allowed: prod, dev or local`},
		{`{"stage": 1}`, `stage: 1 is not allowed`},
		{`{"stackName": "1st"}`, `stackName: "1st" is not allowed; allowed: 1 to 64 letters, digits and hyphens, a letter first`},
		{`{"stackName": "aws-videos"}`, `stackName: "aws-videos" is not allowed; allowed: 1 to 64 letters, digits and hyphens, a letter first, but neither aws nor ssm in front, which SSM refuses in the names of parameters`},
		{`{"stackName": "AWSvideos"}`, `stackName: "AWSvideos" is not allowed`},
		{`{"stackName": "SsmVideos"}`, `stackName: "SsmVideos" is not allowed`},
		{`{"stackName": "` + strings.Repeat("a", 65) + `"}`, `stackName: "aaa`},
		{`{"architecture": "amd64"}`, `architecture: "amd64" is not allowed; allowed: arm64 or x86_64`},
		{`{"removalPolicy": "SNAPSHOT"}`, `removalPolicy: "SNAPSHOT" is not allowed; allowed: RETAIN or DESTROY`},
		{`{"trigger": "Video"}`, `trigger: "Video" is not allowed; allowed: VideoFile or MetadataFile`},
		{`{"outputs": "CMAF,MSS"}`, `outputs: "CMAF,MSS" is not allowed; allowed: a list of CMAF, HLS, DASH and MP4, each once`},
		{`{"outputs": ["CMAF", "CMAF"]}`, `outputs: ["CMAF","CMAF"] is not allowed`},
		{`{"outputs": []}`, `outputs: [] is not allowed`},
		{`{"outputs": [1]}`, `outputs: [1] is not allowed`},
		{`{"codecs": "HEVC"}`, `codecs: "HEVC" is not allowed; allowed: a list of H264`},
		{`{"topRung": 1081}`, `topRung: 1081 is not allowed; allowed: 2160, 1080, 720, 540, 360 or 270`},
		{`{"topRung": 1080.5}`, `topRung: 1080.5 is not allowed`},
		{`{"frameCapture": "yes"}`, `frameCapture: "yes" is not allowed; allowed: true or false`},
		{`{"frameCaptureSeconds": 0}`, `frameCaptureSeconds: 0 is not allowed; allowed: 1 to 3600`},
		{`{"acceleratedTranscoding": true}`, `acceleratedTranscoding: true is not allowed; allowed: ENABLED, PREFERRED or DISABLED`},
		{`{"jobTemplate": "a/b"}`, `jobTemplate: "a/b" is not allowed`},
		{`{"mediaConvertQueueArn": "Default"}`, `mediaConvertQueueArn: "Default" is not allowed; allowed: a MediaConvert queue's ARN`},
		{`{"encodeDeadlineMinutes": 10081}`, `encodeDeadlineMinutes: 10081 is not allowed; allowed: 1 to 10080`},
		{`{"queueDeadlineMinutes": 43201}`, `queueDeadlineMinutes: 43201 is not allowed; allowed: 1 to 43200`},
		{`{"queueDeadlineMinutes": "soon"}`, `queueDeadlineMinutes: "soon" is not allowed`},
		{`{"encodeCheckSeconds": 4}`, `encodeCheckSeconds: 4 is not allowed; allowed: 5 to 86400`},
		{`{"enableSns": 1}`, `enableSns: 1 is not allowed`},
		{`{"enableSqs": "TRUE"}`, `enableSqs: "TRUE" is not allowed`},
		{`{"adminEmail": "Ann <ann@example.com>"}`, `adminEmail: `},
		{`{"adminEmail": "a@example.com,b@example.com"}`, `adminEmail: "a@example.com,b@example.com" is not allowed; allowed: one e-mail address`},
		{`{"archiveSource": "true"}`, `archiveSource: "true" is not allowed; allowed: DISABLED, GLACIER or DEEP_ARCHIVE`},
		{`{"archiveDays": -1}`, `archiveDays: -1 is not allowed; allowed: 0 to 3650`},
		{`{"oldVersionDays": 0}`, `oldVersionDays: 0 is not allowed`},
		{`{"abandonedUploadDays": 366}`, `abandonedUploadDays: 366 is not allowed; allowed: 1 to 365`},
		{`{"logRetentionDays": 100}`, `logRetentionDays: 100 is not allowed; allowed: 1, 3, 5, 7,`},
		{`{"corsOrigins": "*,https://a.example.com"}`, `corsOrigins: "*,https://a.example.com" is not allowed`},
		{`{"corsOrigins": "https://a.example.com/"}`, `corsOrigins: "https://a.example.com/" is not allowed; allowed: * or a list of origins`},
		{`{"corsOrigins": "https://*.example.com"}`, `corsOrigins: "https://*.example.com" is not allowed`},
		{`{"corsOrigins": "a.example.com"}`, `corsOrigins: "a.example.com" is not allowed`},
		{`{"priceClass": "All"}`, `priceClass: "All" is not allowed; allowed: PriceClass_100, PriceClass_200 or PriceClass_All`},
		{`{"domainName": "https://media.example.com"}`, `domainName: "https://media.example.com" is not allowed; allowed: a host name`},
		{`{"domainName": "media.example.com"}`, `domainName: "media.example.com" needs a certificateArn; allowed: both, or neither`},
		{`{"certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/a"}`, `certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/a" needs a domainName`},
		{`{"domainName": "m.example.com", "certificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/a"}`, `allowed: an ACM certificate's ARN in us-east-1`},
		{`{"deliveryBaseUrl": "https://media.example.com/"}`, `deliveryBaseUrl: "https://media.example.com/" is not allowed; allowed: https://HOST, without a path`},
		{`{"deliveryBaseUrl": "media.example.com"}`, `deliveryBaseUrl: "media.example.com" is not allowed`},
		{`{"deliveryBaseUrl": "ftp://media.example.com"}`, `deliveryBaseUrl: "ftp://media.example.com" is not allowed`},
		{`{"deliveryBaseUrl": "http://media.example.com"}`, `deliveryBaseUrl: "http://media.example.com" is not allowed in stage prod; allowed: https://HOST`},
		{`{"jwtIssuer": "issuer.example.com", "jwtAudience": "a"}`, `jwtIssuer: "issuer.example.com" is not allowed; allowed: https://HOST[/PATH] (http, too, in stage local)`},
		{`{"jwtIssuer": "https://issuer.example.com/?a=b", "jwtAudience": "a"}`, `jwtIssuer: "https://issuer.example.com/?a=b" is not allowed`},
		{`{"jwtIssuer": "https://:443", "jwtAudience": "a"}`, `jwtIssuer: "https://:443" is not allowed`},
		{`{"jwtIssuer": "https://a:b@issuer.example.com", "jwtAudience": "a"}`, `jwtIssuer: "https://a:b@issuer.example.com" is not allowed`},
		{`{"jwtIssuer": "https://issuer.example.com"}`, `jwtIssuer: "https://issuer.example.com" needs a jwtAudience; allowed: both, or neither`},
		{`{"jwtIssuer": "http://issuer.example.com", "jwtAudience": "a"}`, `jwtIssuer: "http://issuer.example.com" is not allowed in stage prod; allowed: https://HOST[/PATH]`},
		{`{"stage": "dev", "jwtIssuer": "http://127.0.0.1:4570", "jwtAudience": "a"}`, `jwtIssuer: "http://127.0.0.1:4570" is not allowed in stage dev`},
		{`{"jwtAudience": "a, b"}`, `jwtAudience: "a,b" needs a jwtIssuer; allowed: both, or neither`},
		{`{"jwtIssuer": "https://issuer.example.com", "jwtAudience": ["a b"]}`, `jwtAudience: ["a b"] is not allowed; allowed: a list of names without spaces, 1 to 50`},
		{`{"jwtIssuer": "https://issuer.example.com", "jwtAudience": ["a", "a"]}`, `jwtAudience: ["a","a"] is not allowed`},
		{`{"jwtIssuer": "https://issuer.example.com", "jwtAudience": []}`, `jwtAudience: [] is not allowed`},
		{`{"jwtIssuer": "https://issuer.example.com", "jwtAudience": "a", "jwtScopes": ["a b"]}`, `jwtScopes: ["a b"] is not allowed; allowed: a list of scopes without spaces and commas, 1 to 64 characters each, 1 to 20`},
		{`{"jwtIssuer": "https://issuer.example.com", "jwtAudience": "a", "jwtScopes": ["a\"b"]}`, `jwtScopes: ["a\"b"] is not allowed`},
		{`{"jwtIssuer": "https://issuer.example.com", "jwtAudience": "a", "jwtScopes": "` + strings.Repeat("a", 65) + `"}`, `is not allowed`},
		{`{"jwtScopes": "a"}`, `jwtScopes: "a" needs a jwtIssuer; allowed: with a jwtIssuer only`},
		{`{"apiOpen": "yes"}`, `apiOpen: "yes" is not allowed; allowed: true or false; true in stage local only`},
		{`{"apiOpen": true}`, `apiOpen: true is not allowed in stage prod; allowed: false, or stage local`},
		{`{"stage": "dev", "apiOpen": "true"}`, `apiOpen: true is not allowed in stage dev; allowed: false, or stage local`},
		{`{"apiBaseUrl": "https://api.example.com/"}`, `apiBaseUrl: "https://api.example.com/" is not allowed; allowed: https://HOST[/PATH], without a slash at the end`},
		{`{"apiBaseUrl": "https://api.example.com/v1?x"}`, `apiBaseUrl: "https://api.example.com/v1?x" is not allowed`},
		{`{"apiBaseUrl": "http://api.example.com/v1"}`, `apiBaseUrl: "http://api.example.com/v1" is not allowed in stage prod; allowed: https://HOST[/PATH]`},
		{`{"apiRateLimit": 0}`, `apiRateLimit: 0 is not allowed; allowed: 1 to 10000`},
		{`{"apiBurstLimit": "5001"}`, `apiBurstLimit: "5001" is not allowed; allowed: 1 to 5000`},
		{`{"maxDurationMinutes": 0}`, `maxDurationMinutes: 0 is not allowed; allowed: 1 to 10080`},
		{`{"maxPixels": 67108865}`, `maxPixels: 67108865 is not allowed; allowed: 1 to 67108864 (8192×8192)`},
		{`{"apiOptions": "frameCapture,enableSqs"}`, `apiOptions: "frameCapture,enableSqs" is not allowed; allowed: a list of archiveSource, frameCapture, inputRotate, jobTemplate and acceleratedTranscoding, each once`},
		{`{"apiOptions": ["enableSns"]}`, `apiOptions: ["enableSns"] is not allowed`},
		{`{"maxOpenUploads": 0}`, `maxOpenUploads: 0 is not allowed; allowed: 1 to 10000`},
		{`{"maxEncodes": "many"}`, `maxEncodes: "many" is not allowed; allowed: 1 to 10000`},
		{`{"uploadMaxBytes": "50GiB"}`, `uploadMaxBytes: "50GiB" is not allowed; allowed: 1 to 5497558138880 (5 TiB)`},
		{`{"uploadMaxBytes": 5497558138881}`, `uploadMaxBytes: 5497558138881 is not allowed`},
		{`{"uploadSinglePutMaxBytes": 5368709121}`, `uploadSinglePutMaxBytes: 5368709121 is not allowed; allowed: 1 to 5368709120 (5 GiB)`},
		{`{"uploadUrlSeconds": 43201}`, `uploadUrlSeconds: 43201 is not allowed; allowed: 1 to 43200`},
		{`{"uploadTypes": "*/*"}`, `uploadTypes: "*/*" is not allowed; allowed: a list of content types in lower case`},
		{`{"uploadTypes": "Video/MP4"}`, `uploadTypes: "Video/MP4" is not allowed`},
		{`{"uploadTypes": "video/mp4; codecs=avc1"}`, `uploadTypes: "video/mp4; codecs=avc1" is not allowed`},
		{`{"uploadTypes": ["video/*", "video/*"]}`, `uploadTypes: ["video/*","video/*"] is not allowed`},
		{`{"unknownVideosAlarm": 1}`, `unknownVideosAlarm: 1 is not allowed; allowed: true or false`},
		{`{"alarmEmail": "nobody"}`, `alarmEmail: "nobody" is not allowed`},
		{`{"lateVideoMinutes": 0}`, `lateVideoMinutes: 0 is not allowed`},
		{`{"resultQueueAgeMinutes": 20161}`, `resultQueueAgeMinutes: 20161 is not allowed; allowed: 0 to 20160`},
		{`{"encodeDeadlineMinutes": 10}`, `encodeCheckSeconds: 900 doesn't go with encodeDeadlineMinutes 10 and queueDeadlineMinutes 20160; allowed: 485 to 600`},
		{`{"encodeCheckSeconds": 10}`, `encodeCheckSeconds: 10 doesn't go with encodeDeadlineMinutes 720 and queueDeadlineMinutes 20160; allowed: 502 to 43200`},
		{`{"queueDeadlineMinutes": 43200}`, `encodeCheckSeconds: 900 doesn't go with encodeDeadlineMinutes 720 and queueDeadlineMinutes 43200; allowed: 1055 to 43200`},
		{`{"encodeDeadlineMinutes": 8}`, `encodeDeadlineMinutes: 8 doesn't go with queueDeadlineMinutes 20160; allowed: 9 or more, or a queueDeadlineMinutes of 19992 or less`},
		{`{"toprung": 720}`, `toprung: no such key; did you mean topRung?`},
		{`{"colour": "red"}`, `colour: no such key; docs/configuration.md lists them`},
	} {
		t.Run(c.context, func(t *testing.T) {
			_, err := Load(parse(t, c.context))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %s", err, c.says)
			}
		})
	}
}

func TestEveryKeyHasARefusalTest(t *testing.T) {
	source, err := os.ReadFile("config_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Names() {
		if !strings.Contains(string(source), "`"+name+": ") {
			t.Errorf("no line of TestRefusals is about %s", name)
		}
	}
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	_, err := Load(map[string]any{"stage": "x", "topRung": "1", "nonsense": 1, "domainName": "media.example.com"})
	if err == nil {
		t.Fatal("no error")
	}
	if lines := strings.Count(err.Error(), "\n"); lines != 4 {
		t.Errorf("%d problems told, want 4:\n%v", lines, err)
	}
}

// Ranges in a refusal are true: their ends are allowed.
func TestTheChecksOfAnEncodeLastUntilBothDeadlines(t *testing.T) {
	for _, context := range []string{
		`{"encodeCheckSeconds": 502}`,
		`{"encodeCheckSeconds": 43200}`,
		`{"encodeDeadlineMinutes": 9, "encodeCheckSeconds": 485}`,
		`{"encodeDeadlineMinutes": 8, "queueDeadlineMinutes": 19992, "encodeCheckSeconds": 480}`,
		`{"encodeDeadlineMinutes": 10080, "queueDeadlineMinutes": 43200, "encodeCheckSeconds": 1279}`,
	} {
		c := load(t, context)
		if lasts, wait := workflow.EncodeChecks*c.EncodeCheckSeconds, 60*(c.EncodeDeadlineMinutes+c.QueueDeadlineMinutes); lasts < wait {
			t.Errorf("%s: the checks last %d s, the deadlines %d s", context, lasts, wait)
		}
	}
}

func TestDeliveryFollowsTheMostSpecificSetting(t *testing.T) {
	const certificate = `"certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/a"`
	for context, want := range map[string][2]string{
		`{}`: {"", ""},
		`{"domainName": "media.example.com", ` + certificate + `}`:                                               {"media.example.com", "https://media.example.com"},
		`{"stage": "local", "deliveryBaseUrl": "http://127.0.0.1:4569"}`:                                         {"127.0.0.1:4569", "http://127.0.0.1:4569"},
		`{"deliveryBaseUrl": "https://cdn.example.com", "domainName": "media.example.com", ` + certificate + `}`: {"cdn.example.com", "https://cdn.example.com"},
	} {
		c := load(t, context)
		if got := [2]string{c.DeliveryHost(), c.DeliveryBase()}; got != want {
			t.Errorf("%s: %v, want %v", context, got, want)
		}
	}
}

func TestTheAPIAsksForIAMUnlessTheStackIsLocalOrHasAnIssuer(t *testing.T) {
	for context, want := range map[string]Auth{
		`{}`:                                    AuthIAM,
		`{"stage": "dev"}`:                      AuthIAM,
		`{"stage": "local"}`:                    AuthIAM,
		`{"apiOpen": false}`:                    AuthIAM,
		`{"stage": "local", "apiOpen": "true"}`: AuthOpen,
		`{"stage": "local", "apiOpen": "true", "jwtIssuer": "https://issuer.example.com", "jwtAudience": "a"}`: AuthOpen,
		`{"jwtIssuer": "https://issuer.example.com/", "jwtAudience": "a"}`:                                     AuthJWT,
		`{"stage": "local", "jwtIssuer": "http://127.0.0.1:4570/i", "jwtAudience": "a"}`:                       AuthJWT,
	} {
		if got := load(t, context).API.Auth(); got != want {
			t.Errorf("%s: %s, want %s", context, got, want)
		}
	}
}

func TestAnIssuerIsTakenToTheLetter(t *testing.T) {
	c := load(t, `{"jwtIssuer": "https://issuer.example.com/", "jwtAudience": ["api://default", "b"], "apiBaseUrl": "https://api.example.com/v1"}`)
	if c.API.JWTIssuer != "https://issuer.example.com/" || !reflect.DeepEqual(c.API.JWTAudience, []string{"api://default", "b"}) || c.API.BaseURL != "https://api.example.com/v1" {
		t.Errorf("got %+v", c.API)
	}
}

func TestSizesMayBeAsLargeAsS3TakesThem(t *testing.T) {
	for _, context := range []string{`{"uploadMaxBytes": "5497558138880", "uploadSinglePutMaxBytes": "5368709120"}`, `{"uploadMaxBytes": 5497558138880, "uploadSinglePutMaxBytes": 5368709120}`} {
		if c := load(t, context); c.Upload.MaxBytes != 5<<40 || c.Upload.SinglePutBytes != 5<<30 {
			t.Errorf("%s: got %+v", context, c.Upload)
		}
	}
}

func TestTheDocumentationListsEveryKey(t *testing.T) {
	const file = "../../docs/configuration.md"
	if *update {
		if err := os.WriteFile(file, []byte(Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != Markdown() {
		t.Errorf("%s is out of date: go test ./infra/config -update", file)
	}
}

func load(t *testing.T, context string) Config {
	t.Helper()
	c, err := Load(parse(t, context))
	if err != nil {
		t.Fatalf("%s: %v", context, err)
	}
	return c
}

func parse(t *testing.T, context string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(context), &m); err != nil {
		t.Fatal(err)
	}
	return m
}
