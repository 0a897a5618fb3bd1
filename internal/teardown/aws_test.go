package teardown

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// answers stands in for the network: requests are marshalled by the SDK, and
// answered by a function.
type answers func(r *http.Request, body string) (int, string)

func (a answers) Do(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	status, text := a(r, string(body))
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

func (a answers) config() aws.Config {
	return aws.Config{
		Region: "eu-central-1", HTTPClient: a, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	}
}

func TestEveryVersionAndDeleteMarkerIsRemovedPageByPage(t *testing.T) {
	var deleted []string
	network := answers(func(r *http.Request, body string) (int, string) {
		if r.Method == http.MethodPost {
			deleted = append(deleted, fmt.Sprint(strings.Count(body, "<Object>")))
			return 200, `<DeleteResult/>`
		}
		if r.URL.Query().Get("key-marker") == "" {
			return 200, `<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>
				<Version><Key>a</Key><VersionId>2</VersionId></Version><Version><Key>a</Key><VersionId>1</VersionId></Version></ListVersionsResult>`
		}
		return 200, `<ListVersionsResult><DeleteMarker><Key>b</Key><VersionId>3</VersionId></DeleteMarker></ListVersionsResult>`
	})
	n, err := S3{s3.NewFromConfig(network.config())}.Empty(context.Background(), "bucket")
	if err != nil || n != 3 || !slices.Equal(deleted, []string{"2", "1"}) {
		t.Errorf("removed %d in batches of %v, error %v; want 3 in 2 and 1", n, deleted, err)
	}
}

func TestAnObjectThatS3RefusesToDeleteIsNamed(t *testing.T) {
	network := answers(func(r *http.Request, _ string) (int, string) {
		if r.Method == http.MethodPost {
			return 200, `<DeleteResult><Error><Key>a</Key><Message>Access Denied</Message></Error></DeleteResult>`
		}
		return 200, `<ListVersionsResult><Version><Key>a</Key><VersionId>1</VersionId></Version></ListVersionsResult>`
	})
	_, err := S3{s3.NewFromConfig(network.config())}.Empty(context.Background(), "bucket")
	if err == nil || err.Error() != "delete versions: 1 of 1 refused, the first a: Access Denied" {
		t.Errorf("error %v", err)
	}
}

func TestABucketThatIsGoneIsEmpty(t *testing.T) {
	network := answers(func(*http.Request, string) (int, string) {
		return 404, `<Error><Code>NoSuchBucket</Code><Message>gone</Message></Error>`
	})
	if n, err := (S3{s3.NewFromConfig(network.config())}).Empty(context.Background(), "bucket"); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// account answers as CloudFormation does for one stack.
func account(template string, gone *bool) answers {
	return func(_ *http.Request, body string) (int, string) {
		form, _ := url.ParseQuery(body)
		switch form.Get("Action") {
		case "DescribeStacks":
			if *gone {
				return 400, `<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id vod does not exist</Message></Error></ErrorResponse>`
			}
			return 200, `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>vod</StackName><StackStatus>CREATE_COMPLETE</StackStatus>
				<StackId>arn:aws:cloudformation:eu-north-1:123456789012:stack/vod/1</StackId><EnableTerminationProtection>true</EnableTerminationProtection></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
		case "GetTemplate":
			return 200, `<GetTemplateResponse><GetTemplateResult><TemplateBody>` + template + `</TemplateBody></GetTemplateResult></GetTemplateResponse>`
		case "ListStackResources":
			return 200, `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>
				<member><LogicalResourceId>AccessLogsBucket</LogicalResourceId><PhysicalResourceId>logs-1</PhysicalResourceId><ResourceType>AWS::S3::Bucket</ResourceType></member>
				<member><LogicalResourceId>TrackingTable</LogicalResourceId><PhysicalResourceId>table</PhysicalResourceId><ResourceType>AWS::DynamoDB::Table</ResourceType></member>
				<member><LogicalResourceId>SourceBucket</LogicalResourceId><PhysicalResourceId>source-1</PhysicalResourceId><ResourceType>AWS::S3::Bucket</ResourceType></member>
				</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>`
		case "DeleteStack":
			*gone = true
			return 200, `<DeleteStackResponse/>`
		}
		return 400, ""
	}
}

func TestAStackIsFoundWithItsBucketsAndWhatItKeeps(t *testing.T) {
	template := `{"Resources": {"SourceBucket": {"DeletionPolicy": "Retain"}, "ResultQueue": {"DeletionPolicy": "Delete"}}}`
	network := account(template, new(bool))
	stack, err := CloudFormation{Client: cloudformation.NewFromConfig(network.config()), Region: "eu-north-1"}.Find(context.Background(), "vod")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s: %v kept %v protected %v", stack.Place, stack.Buckets, stack.Kept, stack.Protected)
	if want := "eu-north-1 (account 123456789012): [source-1 logs-1] kept [SourceBucket] protected true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAStackThatDoesNotExistIsSaidPlainly(t *testing.T) {
	gone := true
	_, err := CloudFormation{Client: cloudformation.NewFromConfig(account("{}", &gone).config()), Region: "eu-north-1"}.Find(context.Background(), "vod")
	if err == nil || err.Error() != "there is no stack of that name in eu-north-1" {
		t.Errorf("error %v", err)
	}
}

func TestADeletionIsWaitedFor(t *testing.T) {
	gone := false
	c := CloudFormation{Client: cloudformation.NewFromConfig(account("{}", &gone).config()), Wait: time.Minute}
	if err := c.Delete(context.Background(), "vod"); err != nil || !gone {
		t.Errorf("gone %v, error %v", gone, err)
	}
}
