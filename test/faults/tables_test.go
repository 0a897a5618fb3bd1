package faults

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// A record is what the audit reads of an item of the tracking table.
type record struct {
	GUID             string   `dynamodbav:"guid"`
	SrcVideo         string   `dynamodbav:"srcVideo"`
	SrcVersionID     string   `dynamodbav:"srcVersionId"`
	Status           string   `dynamodbav:"workflowStatus"`
	ErrorCode        string   `dynamodbav:"errorCode"`
	ErrorMessage     string   `dynamodbav:"errorMessage"`
	EndTime          string   `dynamodbav:"endTime"`
	EncodeJobID      string   `dynamodbav:"encodeJobId"`
	HLSPlaylist      string   `dynamodbav:"hlsPlaylist"`
	HLSURL           string   `dynamodbav:"hlsUrl"`
	DASHPlaylist     string   `dynamodbav:"dashPlaylist"`
	CMAFHLSPlaylist  string   `dynamodbav:"cmafHlsPlaylist"`
	CMAFDASHPlaylist string   `dynamodbav:"cmafDashPlaylist"`
	MP4Outputs       []string `dynamodbav:"mp4Outputs"`
	MP4URLs          []string `dynamodbav:"mp4Urls"`
	ThumbNails       []string `dynamodbav:"thumbNails"`
}

// String is its state for people.
func (r record) String() string { return state(r.Status, r.ErrorCode) }

func (r record) ended() bool { return ended(r.Status) }

// A videoRow is what the audit reads of an item of the video table.
type videoRow struct {
	ID          string `dynamodbav:"id"`
	VodGUID     string `dynamodbav:"vodGuid"`
	Status      string `dynamodbav:"encodingStatus"`
	ErrorCode   string `dynamodbav:"errorCode"`
	HLSURL      string `dynamodbav:"hlsUrl"`
	DeletedAt   string `dynamodbav:"deletedAt"`
	PendingWork string `dynamodbav:"pendingWork"`
}

// String is its state for people.
func (r videoRow) String() string { return state(r.Status, r.ErrorCode) }

func ended(status string) bool { return status == "Complete" || status == "Error" }

func state(status, code string) string {
	if code == "" {
		return status
	}
	return status + " " + code
}

// tables are both, as they were at one moment: records by the key of their
// source, rows by id.
type tables struct {
	records map[string][]record
	rows    map[string]videoRow
}

func (tr *trial) readTables() (tables, error) {
	t := tables{records: map[string][]record{}, rows: map[string]videoRow{}}
	var records []record
	if err := tr.scan(tr.house.stack.Outputs["DynamoDBTable"], "guid, srcVideo, srcVersionId, workflowStatus, errorCode, errorMessage, endTime, encodeJobId, hlsPlaylist, hlsUrl, "+
		"dashPlaylist, cmafHlsPlaylist, cmafDashPlaylist, mp4Outputs, mp4Urls, thumbNails", &records); err != nil {
		return t, err
	}
	for _, r := range records {
		t.records[r.SrcVideo] = append(t.records[r.SrcVideo], r)
	}
	var rows []videoRow
	if err := tr.scan(tr.house.stack.Outputs["VideoTable"], "id, vodGuid, encodingStatus, errorCode, hlsUrl, deletedAt, pendingWork", &rows); err != nil {
		return t, err
	}
	for _, r := range rows {
		t.rows[r.ID] = r
	}
	return t, nil
}

// scan reads a whole table into a slice of structs.
func (tr *trial) scan(table, fields string, into any) error {
	var all dynamodb.ScanOutput
	pages := dynamodb.NewScanPaginator(tr.house.stack.DynamoDB, &dynamodb.ScanInput{TableName: &table, ProjectionExpression: &fields, ConsistentRead: new(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(tr.ctx)
		if err != nil {
			return fmt.Errorf("read the table %s: %w", table, err)
		}
		all.Items = append(all.Items, page.Items...)
	}
	return attributevalue.UnmarshalListOfMaps(all.Items, into)
}
