package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vodstack/vodstack/test/clips"
)

func lists(t *testing.T) {
	t.Parallel()
	t.Run("a few of one owner, by page and by status", fewVideos)
	t.Run("ten thousand, each seen once", tenThousand)
}

func fewVideos(t *testing.T) {
	t.Parallel()
	c := person(t, "lists")
	if videos, ok := c.get(t, "/videos").Body["videos"].([]any); !ok || len(videos) != 0 {
		t.Errorf("a new owner's list is %v, want an empty one", videos)
	}
	var made []string // newest first
	for range 7 {
		made = slices.Insert(made, 0, c.announce(t, clips.Tiny, map[string]any{"title": "one of seven"}).id)
		time.Sleep(2 * time.Millisecond) // times have milliseconds
	}
	if got := c.everyPage(t, "limit=3"); fmt.Sprint(got) != fmt.Sprint([][]string{made[:3], made[3:6], made[6:]}) {
		t.Errorf("the pages are %v, want %v by three", got, made)
	}
	if got := c.everyPage(t, "limit=7"); !slices.Equal(slices.Concat(got...), made) {
		t.Errorf("the pages of 7 are %v", got)
	}
	if got := c.everyPage(t, "status=new&limit=100"); !slices.Equal(slices.Concat(got...), made) {
		t.Errorf("with status new there are %v, want %v", got, made)
	}
	if got := c.everyPage(t, "status=Complete"); len(slices.Concat(got...)) > 0 {
		t.Errorf("with status Complete there are %v", got)
	}
	entry, _ := c.get(t, "/videos?limit=1").Body["videos"].([]any)[0].(map[string]any)
	checkValues(t, entry, map[string]any{"id": made[0], "title": "one of seven", "encodingStatus": "new", "fileName": clips.Tiny.File})
	checkAbsent(t, entry, internals...)
	wrongLists(t, c)
}

// everyPage is the ids of all pages.
func (c caller) everyPage(t *testing.T, query string) (pages [][]string) {
	t.Helper()
	for cursor := ""; ; {
		body := c.get(t, "/videos?"+query+"&cursor="+url.QueryEscape(cursor)).Body
		var page []string
		videos, _ := body["videos"].([]any)
		for _, video := range videos {
			v, _ := video.(map[string]any)
			page = append(page, text(v, "id"))
		}
		pages = append(pages, page)
		if cursor = text(body, "cursor"); cursor == "" {
			return pages
		}
	}
}

func wrongLists(t *testing.T, c caller) {
	t.Helper()
	for _, query := range []string{"limit=0", "limit=101", "limit=-1", "limit=many", "limit=", "status=Gone", "status=", "cursor=broken", "cursor=%00", "cursor=" + url.QueryEscape("eyJhIjoxfQ==")} {
		answer := c.do(t, http.MethodGet, "/videos?"+query, nil)
		if answer.Status != http.StatusBadRequest && answer.Status != http.StatusUnprocessableEntity || answer.Code() == "" {
			t.Errorf("%s: %s, want a problem", query, answer)
		}
	}
	cursor := text(c.get(t, "/videos?limit=1").Body, "cursor")
	broken := c.do(t, http.MethodGet, "/videos?cursor=broken", nil)
	stranger := person(t, "has another's cursor")
	stranger.announce(t, clips.Tiny, nil)
	stolen := stranger.do(t, http.MethodGet, "/videos?cursor="+url.QueryEscape(cursor), nil)
	if stolen.Status != broken.Status || stolen.Code() != broken.Code() || stolen.Text != broken.Text {
		t.Errorf("another owner's cursor: %s, want what a broken one gets: %s", stolen, broken)
	}
	for i := range cursor { // one letter changed
		other := []byte(cursor)
		other[i] ^= 1
		answer := c.do(t, http.MethodGet, "/videos?cursor="+url.QueryEscape(string(other)), nil)
		if answer.Status >= 500 {
			t.Errorf("a cursor with letter %d changed: %s", i, answer)
		}
	}
}

// tenThousand writes rows straight into the table and lists them.
func tenThousand(t *testing.T) {
	t.Parallel()
	const rows = 10_000
	subject := fmt.Sprintf("has ten thousand %d", time.Now().UnixNano())
	c := bearer(t, subject, nil)
	fill(t, c.s, world.issuer.Owner(subject), rows)
	seen := map[string]bool{}
	last := "9999"
	began := time.Now()
	pages := 0
	for cursor := ""; ; pages++ {
		body := c.get(t, "/videos?limit=100&cursor="+url.QueryEscape(cursor)).Body
		videos, _ := body["videos"].([]any)
		for _, video := range videos {
			v, _ := video.(map[string]any)
			if created := text(v, "createdAt"); created > last {
				t.Fatalf("%s comes after %s: not newest first", created, last)
			}
			last = text(v, "createdAt")
			seen[text(v, "id")] = true
		}
		if cursor = text(body, "cursor"); cursor == "" {
			break
		}
	}
	if len(seen) != rows {
		t.Errorf("%d videos were listed, want %d", len(seen), rows)
	}
	t.Logf("%d pages in %v", pages+1, time.Since(began).Round(time.Millisecond))
	complete := c.get(t, "/videos?limit=10&status=Complete").Body
	if videos, _ := complete["videos"].([]any); len(videos) != 10 {
		t.Errorf("%d videos are Complete, want a page of 10", len(videos))
	}
}

// fill writes rows of an owner, every tenth of them Complete and the rest
// failed, so that nothing looks after them.
func fill(t *testing.T, s *site, owner string, rows int) {
	t.Helper()
	const batch = 25 // the most that DynamoDB takes in one call
	begun := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for from := 0; from < rows; from += batch {
		var writes []ddb.WriteRequest
		for i := from; i < min(from+batch, rows); i++ {
			writes = append(writes, ddb.WriteRequest{PutRequest: &ddb.PutRequest{Item: rowOf(owner, begun.Add(time.Duration(i)*time.Second), i)}})
		}
		out, err := s.DynamoDB.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]ddb.WriteRequest{s.Outputs["VideoTable"]: writes},
		})
		if err != nil || len(out.UnprocessedItems) > 0 {
			t.Fatalf("write rows: %v, %d not processed", err, len(out.UnprocessedItems))
		}
	}
}

func rowOf(owner string, created time.Time, i int) map[string]ddb.AttributeValue {
	id := fmt.Sprintf("00000000-0000-4000-8000-%012d", i)
	status := "Error"
	if i%10 == 0 {
		status = "Complete"
	}
	at := created.Format("2006-01-02T15:04:05.000Z")
	item := map[string]ddb.AttributeValue{"version": &ddb.AttributeValueMemberN{Value: "1"}, "size": &ddb.AttributeValueMemberN{Value: "1000"}}
	for name, value := range map[string]string{
		"id": id, "s3key": "video/" + id + "/media.mp4", "encodingStatus": status, "ownerId": owner, "ownerStatus": owner + "#" + status,
		"title": fmt.Sprint("video ", i), "fileName": "media.mp4", "contentType": "video/mp4", "createdAt": at, "updatedAt": at,
	} {
		item[name] = &ddb.AttributeValueMemberS{Value: value}
	}
	return item
}
