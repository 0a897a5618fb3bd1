package rig

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mc "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// Upload puts a file into the source bucket as a browser would, through a
// presigned URL, and returns its version id.
func (s *Stack) Upload(ctx context.Context, key, path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	url, err := s3.NewPresignClient(s.S3).PresignPutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(s.Outputs["Source"]), Key: &key})
	if err != nil {
		return "", fmt.Errorf("presign %s: %w", key, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url.URL, file)
	if err != nil {
		return "", err
	}
	request.ContentLength = info.Size()
	if info.Size() == 0 {
		// Otherwise the body would go out in chunks of unknown length.
		request.Body = http.NoBody
	}
	return put(request)
}

// UploadText puts a small file of this text.
func (s *Stack) UploadText(ctx context.Context, key, text string) (string, error) {
	url, err := s3.NewPresignClient(s.S3).PresignPutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(s.Outputs["Source"]), Key: &key})
	if err != nil {
		return "", fmt.Errorf("presign %s: %w", key, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url.URL, strings.NewReader(text))
	if err != nil {
		return "", err
	}
	return put(request)
}

func put(request *http.Request) (string, error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("upload: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("upload: the bucket answered %s", response.Status)
	}
	return response.Header.Get("x-amz-version-id"), nil
}

// Record is the video's item in the tracking table, nil when there is none.
func (s *Stack) Record(ctx context.Context, guid string) (map[string]ddb.AttributeValue, error) {
	out, err := s.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      aws.String(s.Outputs["DynamoDBTable"]),
		Key:            map[string]ddb.AttributeValue{"guid": &ddb.AttributeValueMemberS{Value: guid}},
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, fmt.Errorf("read the record of %s: %w", guid, err)
	}
	return out.Item, nil
}

// Jobs are the MediaConvert jobs that were made for a video.
func (s *Stack) Jobs(ctx context.Context, guid string) ([]mc.Job, error) {
	var jobs []mc.Job
	pages := mediaconvert.NewListJobsPaginator(s.MediaConvert, &mediaconvert.ListJobsInput{MaxResults: aws.Int32(20)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the jobs: %w", err)
		}
		for _, job := range page.Jobs {
			if job.UserMetadata["guid"] == guid {
				jobs = append(jobs, job)
			}
		}
	}
	return jobs, nil
}

// Executions are the state machine's executions of a video.
func (s *Stack) Executions(ctx context.Context, guid string) ([]sfntypes.ExecutionListItem, error) {
	var found []sfntypes.ExecutionListItem
	pages := sfn.NewListExecutionsPaginator(s.SFN, &sfn.ListExecutionsInput{StateMachineArn: &s.machine})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the executions: %w", err)
		}
		for _, execution := range page.Executions {
			if strings.HasPrefix(aws.ToString(execution.Name), guid) {
				found = append(found, execution)
			}
		}
	}
	return found, nil
}

// History are the events of an execution, oldest first.
func (s *Stack) History(ctx context.Context, execution string) ([]sfntypes.HistoryEvent, error) {
	var events []sfntypes.HistoryEvent
	pages := sfn.NewGetExecutionHistoryPaginator(s.SFN, &sfn.GetExecutionHistoryInput{ExecutionArn: &execution})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the execution's history: %w", err)
		}
		events = append(events, page.Events...)
	}
	return events, nil
}

// RunningExecutions are the names of the state machine's executions that have
// not ended.
func (s *Stack) RunningExecutions(ctx context.Context) ([]string, error) {
	var names []string
	pages := sfn.NewListExecutionsPaginator(s.SFN, &sfn.ListExecutionsInput{StateMachineArn: &s.machine, StatusFilter: sfntypes.ExecutionStatusRunning})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the running executions: %w", err)
		}
		for _, execution := range page.Executions {
			names = append(names, aws.ToString(execution.Name))
		}
	}
	return names, nil
}
