package awsbase

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// models are botocore's names of the services that our adapters talk to.
var models = map[string]string{
	"cloudfront": "cloudfront", "dynamodb": "dynamodb", "mediaconvert": "mediaconvert", "s3": "s3", "sfn": "stepfunctions", "sns": "sns", "sqs": "sqs",
}

// documented are codes that no model has, with where they stand.
var documented = map[string]string{
	"AccessDeniedException":     "Common errors, in the API references of DynamoDB, Step Functions and SQS",
	"NotAuthorized":             "Common errors, in the API references of CloudFront and SNS",
	"KMS.ThrottlingException":   "SQS API reference, SendMessage: the code in the header x-amzn-query-error",
	"KMS.AccessDeniedException": "SQS API reference, SendMessage: the code in the header x-amzn-query-error",
	"AccessDenied":              "S3 API reference, error responses: list of error codes",
	"AllAccessDisabled":         "S3 API reference, error responses: list of error codes",
	"NoSuchVersion":             "S3 API reference, error responses: list of error codes",
	"NotFound":                  "what the SDK calls an answer to HeadObject without a body, by its status",
	"Forbidden":                 "what the SDK calls an answer to HeadObject without a body, by its status",
	"Throttled":                 "SNS's model: ThrottledException, which Publish doesn't list",
}

// elsewhere are errors of our calls that are none of the three, though their
// names are like it.
var elsewhere = map[string]string{
	"QueueDoesNotExist":                        "a queue of the stack is gone: the deployment is broken, and no retry and no other way helps",
	"ResourceNotFoundException":                "a table of the stack is gone: the same",
	"StateMachineDoesNotExist":                 "the state machine is gone: the same",
	"KMSNotFound":                              "the topic's key is gone: the same",
	"KmsNotFound":                              "the queue's key is gone: the same",
	"TaskDoesNotExist":                         "the adapter takes it as done: the task has ended already",
	"ItemCollectionSizeLimitExceededException": "about tables with a local secondary index, of which there are none; slowing down wouldn't help",
	"TooManyParts":                             "more than 10,000 parts were appended to an object: slowing down wouldn't help",
}

// kinds say by an error's name what it should be taken for.
var kinds = []struct {
	name  string
	like  *regexp.Regexp
	codes []string
}{
	{"throttles", regexp.MustCompile(`(?i)throttl|limitexceeded|throughputexceeded|quotaexceeded|toomany|slowdown`), throttles},
	{"denials", regexp.MustCompile(`(?i)accessdenied|forbidden|authoriz`), denials},
	{"absences", regexp.MustCompile(`(?i)notfound|nosuch|doesnotexist|nonexistent`), absences},
}

func TestEveryErrorOfACallThatWeMakeIsTakenForWhatItIs(t *testing.T) {
	seen := map[string]bool{}
	for adapter := range models {
		for call, codes := range errorsOfCalls(t, adapter) {
			for _, code := range codes {
				for _, kind := range kinds {
					if !kind.like.MatchString(code) || slices.Contains(kind.codes, code) {
						continue
					}
					if elsewhere[code] == "" {
						t.Errorf("%s %s may answer %s, which isn't one of the %s", adapter, call, code, kind.name)
					}
					seen[code] = true
				}
			}
		}
	}
	for code := range elsewhere {
		if !seen[code] {
			t.Errorf("%s is excepted, and no call answers it", code)
		}
	}
}

func TestEveryCodeIsOneThatAServiceHas(t *testing.T) {
	known := map[string]bool{}
	for adapter := range models {
		for _, codes := range errorsOfCalls(t, adapter) {
			for _, code := range codes {
				known[code] = true
			}
		}
	}
	for _, kind := range kinds {
		for _, code := range kind.codes {
			_, bySDK := retry.DefaultThrottleErrorCodes[code]
			if !known[code] && !bySDK && documented[code] == "" {
				t.Errorf("%s is one of the %s, and no service that we call has it", code, kind.name)
			}
		}
	}
}

func TestWhatTheSDKTriesAgainAsThrottledIsThrottled(t *testing.T) {
	for code := range retry.DefaultThrottleErrorCodes {
		if !slices.Contains(throttles, code) && !strings.HasPrefix(code, "EC2") {
			t.Errorf("%s isn't one of the throttles", code)
		}
	}
}

// aCall is how an adapter calls its service.
var aCall = regexp.MustCompile(`\bClient\.([A-Z]\w+)\(|\)\.Presign([A-Z]\w+)\(`)

// errorsOfCalls are the codes of the errors that the service's model lists for
// each call of an adapter.
func errorsOfCalls(t *testing.T, adapter string) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", adapter, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("adapter %s has no files (%v)", adapter, err)
	}
	m := modelOf(t, models[adapter])
	calls := map[string][]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range aCall.FindAllStringSubmatch(string(source), -1) {
			operation, ok := m.Operations[found[1]+found[2]]
			if !ok {
				t.Fatalf("%s calls %s, which its service doesn't have", file, found[1]+found[2])
			}
			codes := []string{}
			for _, e := range operation.Errors {
				code := m.Shapes[e.Shape].Error.Code
				if code == "" {
					code = e.Shape
				}
				codes = append(codes, code)
			}
			calls[found[1]+found[2]] = codes
		}
	}
	if len(calls) == 0 {
		t.Fatalf("adapter %s calls nothing", adapter)
	}
	return calls
}

type model struct {
	Operations map[string]struct{ Errors []struct{ Shape string } }
	Shapes     map[string]struct{ Error struct{ Code string } }
}

// modelOf reads a service's model as botocore ships it.
func modelOf(t *testing.T, service string) (m model) {
	t.Helper()
	pattern := filepath.Join("..", "..", "..", ".tools", "venv", "lib", "python3*", "site-packages", "botocore", "data", service, "*", "service-2.json.gz")
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("botocore's model of %s isn't installed: make setup does it", service)
	}
	slices.Sort(files)
	packed, err := os.Open(files[len(files)-1])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = packed.Close() }()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}
