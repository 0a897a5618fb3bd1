package httpapi_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
)

// with is a good request with one field changed; a nil value leaves it out.
func with(field string, value any) string {
	body := map[string]any{"fileName": "holiday.mp4", "contentType": "video/mp4", "size": 5}
	if body[field] = value; value == nil {
		delete(body, field)
	}
	return text(body)
}

func TestANewVideoSaysHowToUploadItsFile(t *testing.T) {
	w := newWorld(t)
	got := w.as(alice, "POST", "/videos", `{"fileName":"My Holiday.MP4","contentType":"video/mp4","size":5,"title":"T","metadata":{"a": 1},"options":{"frameCapture":true}}`)
	var made videoBody
	got.into(t, 201, &made)
	v, up := made.Video, made.Upload
	if got.header.Get("Location") != "https://api.example/videos/"+v.ID || got.header.Get("ETag") != `"v1"` {
		t.Errorf("headers are %v", got.header)
	}
	if v.S3Key != "video/"+v.ID+"/media.mp4" || v.EncodingStatus != "new" || v.OwnerID != alice || v.Title != "T" ||
		v.FileName != "My Holiday.MP4" || v.Metadata != `{"a":1}` || v.Options != `{"frameCapture":true}` || v.CreatedAt != "2026-11-23T16:00:00.000Z" {
		t.Errorf("video is %+v", v)
	}
	if up.Type != "single" || up.Method != "PUT" || up.ExpiresAt != "2026-11-23T17:00:00.000Z" || up.Parts != nil || up.PartSize != 0 {
		t.Errorf("upload is %+v", up)
	}
	row := w.rows.Row(v.ID)
	if row.PendingWork != contract.WorkUpload || row.DueAt < up.ExpiresAt || row.URLsExpireAt != row.DueAt || row.RequestHash == "" || row.Version != 1 {
		t.Errorf("row is %+v", row)
	}
	w.upload(made)
	source, err := w.uploads.Source(t.Context(), v.S3Key)
	if err != nil || source.Size != 5 {
		t.Errorf("uploaded is %+v, %v", source, err)
	}
}

func TestALargeFileIsUploadedInParts(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 17*mib)
	up := made.Upload
	if up.Type != "multipart" || up.PartSize != 16*mib || up.PartCount != 2 || len(up.Parts) != 2 || up.NextPart != 0 || up.URL != "" || up.Headers != nil {
		t.Fatalf("upload is %+v", up)
	}
	for i, part := range up.Parts {
		if part.Number != i+1 || part.URL == "" || part.ETag != "" {
			t.Errorf("part %d is %+v", i, part)
		}
	}
	if w.rows.Row(made.Video.ID).UploadID == "" || w.uploads.count("parts") != 0 {
		t.Errorf("row is %+v; parts listed %d times", w.rows.Row(made.Video.ID), w.uploads.count("parts"))
	}
}

func TestTheLargestFileThatS3TakesHasNoMoreThanTenThousandParts(t *testing.T) {
	w := newWorld(t)
	w.api.MaxBytes = 5 << 40
	for _, size := range []int64{5 << 40, 5<<40 - 1, 160_000 * mib, 160_000*mib + 1, mib + 1} {
		var made videoBody
		w.as(alice, "POST", "/videos", with("size", size)).into(t, 201, &made)
		up := made.Upload
		if up.PartSize%mib != 0 || up.PartSize < 16*mib || up.PartSize > 5<<30 || up.PartCount > 10_000 ||
			int64(up.PartCount)*up.PartSize < size || int64(up.PartCount-1)*up.PartSize >= size {
			t.Errorf("%d bytes in %d parts of %d", size, up.PartCount, up.PartSize)
		}
		if next := up.NextPart; up.PartCount > 100 && (next != 101 || len(up.Parts) != 100) {
			t.Errorf("the first page has %d parts and goes on at %d", len(up.Parts), next)
		}
	}
}

func TestARequestThatIsNotValidIsRefusedWithTheFieldAndWhatIsAllowed(t *testing.T) {
	w := newWorld(t)
	deep := strings.Repeat(`{"a":`, 9) + "1" + strings.Repeat("}", 9)
	for name, c := range map[string]struct {
		body  string
		code  contract.Code
		field string
		says  string
	}{
		"no file name":            {with("fileName", nil), contract.CodeRequestInvalid, "fileName", "required"},
		"a file name of a path":   {with("fileName", "../a.mp4"), contract.CodeRequestInvalid, "fileName", "not a path"},
		"an empty file name":      {with("fileName", ""), contract.CodeRequestInvalid, "fileName", "1"},
		"a long file name":        {with("fileName", strings.Repeat("a", 252)+".mp4"), contract.CodeRequestInvalid, "fileName", "255"},
		"no video":                {with("fileName", "a.exe"), contract.CodeFileTypeUnsupported, "fileName", "mp4"},
		"Flash":                   {with("fileName", "a.flv"), contract.CodeFileTypeUnsupported, "fileName", "mkv"},
		"a playlist":              {with("fileName", "a.m3u8"), contract.CodeFileTypeUnsupported, "fileName", "mxf"},
		"no extension":            {with("fileName", "mp4"), contract.CodeFileTypeUnsupported, "fileName", "mov"},
		"a metadata file":         {with("fileName", "a.json"), contract.CodeFileTypeUnsupported, "fileName", "mp4"},
		"no content type":         {with("contentType", nil), contract.CodeRequestInvalid, "contentType", "required"},
		"HTML":                    {with("contentType", "text/html"), contract.CodeContentTypeForbidden, "contentType", "video/*"},
		"a type with a parameter": {with("contentType", "video/mp4; codecs=x"), contract.CodeContentTypeForbidden, "contentType", "without parameters"},
		"a type with a newline":   {with("contentType", "video/mp4\r\nx-evil: 1"), contract.CodeContentTypeForbidden, "contentType", "video/*"},
		"half a type":             {with("contentType", "video/"), contract.CodeContentTypeForbidden, "contentType", "video/*"},
		"no size":                 {with("size", nil), contract.CodeRequestInvalid, "size", "required"},
		"no bytes":                {with("size", 0), contract.CodeRequestInvalid, "size", ">= 1"},
		"minus one byte":          {with("size", -1), contract.CodeRequestInvalid, "size", ">= 1"},
		"half a byte":             {with("size", 1.5), contract.CodeRequestInvalid, "size", "integer"},
		"a size in words":         {with("size", "5"), contract.CodeRequestInvalid, "size", "integer"},
		"null bytes":              {`{"fileName":"a.mp4","contentType":"video/mp4","size":null}`, contract.CodeRequestInvalid, "size", "integer"},
		"a size over the limit":   {with("size", 100*mib+1), contract.CodeFileTooLarge, "size", "104857600"},
		"a size beyond numbers":   {`{"fileName":"a.mp4","contentType":"video/mp4","size":1e999}`, contract.CodeRequestInvalid, "size", "integer"},
		"a size beyond integers":  {`{"fileName":"a.mp4","contentType":"video/mp4","size":1e300}`, contract.CodeFileTooLarge, "size", "104857600"},
		"far below no bytes":      {`{"fileName":"a.mp4","contentType":"video/mp4","size":-1e300}`, contract.CodeRequestInvalid, "size", ">= 1"},
		"a title of 10 kB":        {with("title", strings.Repeat("x", 10_000)), contract.CodeRequestInvalid, "title", "500"},
		"a title with a bell":     {with("title", "a\ab"), contract.CodeRequestInvalid, "title", "it has U+0007"},
		"a title with C1":         {with("title", "a\u0085b"), contract.CodeRequestInvalid, "title", "it has U+0085"},
		"a title turned round":    {with("title", "a\u202eb\u2069\u202e"), contract.CodeRequestInvalid, "title", "it has U+202E, U+2069"},
		"a name turned round":     {with("fileName", "holiday\u202e4pm.mp4"), contract.CodeRequestInvalid, "fileName", "it has U+202E"},
		"an Arabic letter mark":   {with("fileName", "\u061c.mp4"), contract.CodeRequestInvalid, "fileName", "it has U+061C"},
		"a right-to-left mark":    {with("fileName", "\u200f.mp4"), contract.CodeRequestInvalid, "fileName", "it has U+200F"},
		"a title of two lines":    {with("title", "a\nb"), contract.CodeRequestInvalid, "title", "control"},
		"a title of a list":       {with("title", []string{"x"}), contract.CodeRequestInvalid, "title", "string"},
		"metadata of a list":      {with("metadata", []int{1}), contract.CodeRequestInvalid, "metadata", "object"},
		"metadata of a text":      {with("metadata", "{}"), contract.CodeRequestInvalid, "metadata", "object"},
		"metadata over 8 KiB":     {with("metadata", map[string]string{"a": strings.Repeat("x", 8192)}), contract.CodeMetadataTooLarge, "metadata", "8192"},
		"metadata too deep":       {`{"fileName":"a.mp4","contentType":"video/mp4","size":5,"metadata":` + deep + `}`, contract.CodeMetadataTooLarge, "metadata", "8 levels"},
		"an unknown field":        {with("color", "red"), contract.CodeRequestInvalid, "color", "unexpected"},
		"another letter case":     {with("Title", "x"), contract.CodeRequestInvalid, "Title", "unexpected"},
		"a name of two fields":    {with("ownerId", bob), contract.CodeRequestInvalid, "ownerId", "unexpected"},
		"an unknown option":       {with("options", map[string]any{"speed": 2}), contract.CodeRequestInvalid, "options.speed", "unexpected"},
		"an option's wrong value": {with("options", map[string]any{"inputRotate": "UP"}), contract.CodeRequestInvalid, "options.inputRotate", "DEGREES_90"},
		"an option's wrong type":  {with("options", map[string]any{"frameCapture": "yes"}), contract.CodeRequestInvalid, "options.frameCapture", "boolean"},
		"an option of null":       {with("options", map[string]any{"frameCapture": nil}), contract.CodeRequestInvalid, "options.frameCapture", "leave it out"},
		"an archive of 7":         {with("options", map[string]any{"archiveSource": 7}), contract.CodeRequestInvalid, "options.archiveSource", ""},
		"a bucket":                {with("options", map[string]any{"srcBucket": "x"}), contract.CodeOptionUnavailable, "options.srcBucket", "leave it out"},
		"captions":                {with("options", map[string]any{"captions": map[string]any{}}), contract.CodeOptionUnavailable, "options.captions", "metadata file"},
		"messages off":            {with("options", map[string]any{"enableSns": false}), contract.CodeOptionUnavailable, "options.enableSns", "always sent"},
		"results off":             {with("options", map[string]any{"enableSqs": false}), contract.CodeOptionUnavailable, "options.enableSqs", "result queue"},
		"results on":              {with("options", map[string]any{"enableSqs": true}), contract.CodeOptionUnavailable, "options.enableSqs", "result queue"},
		"results, a large letter": {with("options", map[string]any{"EnableSqs": false}), contract.CodeRequestInvalid, "options.EnableSqs", "unexpected"},
		"a template":              {with("options", map[string]any{"jobTemplate": "x"}), contract.CodeOptionUnavailable, "options.jobTemplate", "archiveSource, frameCapture, inputRotate may be set"},
		"acceleration":            {with("options", map[string]any{"acceleratedTranscoding": "ENABLED"}), contract.CodeOptionUnavailable, "options.acceleratedTranscoding", "apiOptions"},
		"MediaPackage":            {with("options", map[string]any{"enableMediaPackage": true}), contract.CodeOptionUnavailable, "options.enableMediaPackage", "not available"},
		"a list":                  {`[1]`, contract.CodeRequestInvalid, "", "object"},
		"null":                    {`null`, contract.CodeRequestInvalid, "", "object"},
		"nothing":                 {``, contract.CodeRequestUnreadable, "", "required"},
		"half a body":             {`{"fileName":`, contract.CodeRequestUnreadable, "", "not JSON"},
		"two bodies":              {`{}{}`, contract.CodeRequestUnreadable, "", "more after its end"},
		"no UTF-8":                {"{\"fileName\":\"\xff.mp4\"}", contract.CodeRequestUnreadable, "", "UTF-8"},
		"metadata of 1 MB":        {with("metadata", map[string]string{"a": strings.Repeat("x", 1_000_000)}), contract.CodeBodyTooLarge, "", "65536"},
	} {
		problem := w.as(alice, "POST", "/videos", c.body).problem(t, c.code, c.field)
		if !strings.Contains(problem.Detail, c.says) {
			t.Errorf("%s: %q does not say %q", name, problem.Detail, c.says)
		}
		if len(problem.Detail) > 1000 {
			t.Errorf("%s: a detail of %d bytes", name, len(problem.Detail))
		}
	}
	if page, err := w.rows.List(t.Context(), contract.RowQuery{OwnerID: alice, Limit: 10}); err != nil || len(page.Rows) != 0 {
		t.Errorf("%d videos were made, %v", len(page.Rows), err)
	}
}

func TestAllThatIsWrongIsToldAtOnce(t *testing.T) {
	w := newWorld(t)
	problem := w.as(alice, "POST", "/videos", `{"title":7,"size":0}`).problem(t, contract.CodeRequestInvalid, "contentType")
	for _, field := range []string{"contentType", "fileName", "size", "title"} {
		if !strings.Contains(problem.Detail, field) {
			t.Errorf("%q does not name %s", problem.Detail, field)
		}
	}
}

func TestTextsOfEveryKindAreKeptAsTheyAre(t *testing.T) {
	w := newWorld(t)
	for _, title := range []string{
		`<script>alert("x")</script>`, "مرحبا x", "שלום", "👩\u200d👩\u200d👧", "日本語 🎬", "a & b < c", " leading and trailing ", strings.Repeat("ä", 500), `"\`, "{{constructor}}", "' OR 1=1 --", "a\u2028b",
	} {
		var made, read videoBody
		w.as(alice, "POST", "/videos", with("title", title)).into(t, 201, &made)
		w.as(alice, "GET", "/videos/"+made.Video.ID, "").into(t, 200, &read)
		if made.Video.Title != title || read.Video.Title != title {
			t.Errorf("%q came back as %q and %q", title, made.Video.Title, read.Video.Title)
		}
	}
}

func TestFreeMetadataKeepsItsExactText(t *testing.T) {
	w := newWorld(t)
	const metadata = `{"big":123456789012345678901234567890.12345678901234567890,"huge":1e999,"tiny":-1E-999,"no":null,"":{"":[[],{},"\u0000é<&>"]},"id":9007199254740993}`
	var made videoBody
	w.as(alice, "POST", "/videos", `{"fileName":"a.mp4","contentType":"video/mp4","size":5,"metadata": `+strings.ReplaceAll(metadata, ",", " , ")+`}`).into(t, 201, &made)
	got := w.as(alice, "GET", "/videos/"+made.Video.ID, "")
	if !strings.Contains(got.text, `"metadata":`+metadata) {
		t.Errorf("answer is %s", got.text)
	}
}

func TestNullCountsAsAbsentWhereAFieldIsOptional(t *testing.T) {
	w := newWorld(t)
	got := w.as(alice, "POST", "/videos", `{"fileName":"a.mp4","contentType":"video/mp4","size":5.0,"title":null,"metadata":null,"options":null}`)
	var made videoBody
	got.into(t, 201, &made)
	for _, name := range []string{"title", "metadata", "options", "null"} {
		if strings.Contains(got.text, `"`+name+`"`) || strings.Contains(got.text, "null") {
			t.Errorf("%s is there: %s", name, got.text)
		}
	}
}

func TestEveryOptionOfTheDocumentIsTaken(t *testing.T) {
	w := newWorld(t)
	w.api.ArchiveSource = "GLACIER"
	w.api.Options = append(w.api.Options, "jobTemplate", "acceleratedTranscoding")
	for _, options := range []string{
		`{}`, `{"archiveSource":"GLACIER"}`, `{"archiveSource":true}`, `{"archiveSource":false}`, `{"frameCapture":false}`,
		`{"jobTemplate":"my template"}`, `{"inputRotate":"DEGREES_180"}`, `{"acceleratedTranscoding":"PREFERRED"}`,
	} {
		var made videoBody
		w.as(alice, "POST", "/videos", `{"fileName":"a.mp4","contentType":"video/mp4","size":5,"options":`+options+`}`).into(t, 201, &made)
		if w.rows.Row(made.Video.ID).Options != options {
			t.Errorf("options are %s, want %s", w.rows.Row(made.Video.ID).Options, options)
		}
	}
}

func TestAnArchiveOfTheStacksOwnIsRefusedAtOnceWhereTheStackHasNone(t *testing.T) {
	w := newWorld(t)
	id := w.uploaded()
	for _, class := range []string{"", "DISABLED"} {
		w.api.ArchiveSource = class
		options := `{"options":{"frameCapture":true,"archiveSource":true}}`
		for _, got := range []answer{
			w.as(alice, "POST", "/videos", `{"fileName":"a.mp4","contentType":"video/mp4","size":5,`+options[1:]),
			w.encode(id, options),
		} {
			problem := got.problem(t, contract.CodeRequestInvalid, "options.archiveSource")
			if !strings.Contains(problem.Detail, "DISABLED, GLACIER or DEEP_ARCHIVE") {
				t.Errorf("detail is %q", problem.Detail)
			}
		}
	}
	if row := w.rows.Row(id); row.Encodes != 0 || row.Options != "" {
		t.Errorf("row is %+v", row)
	}
}

func TestARepeatedRequestFindsItsVideo(t *testing.T) {
	w := newWorld(t)
	var first, again, spaced videoBody
	w.as(alice, "POST", "/videos", with("title", "T"), "Idempotency-Key", "key,1").into(t, 201, &first)
	w.clock.Advance(time.Minute)
	got := w.as(alice, "POST", "/videos", with("title", "T"), "Idempotency-Key", "key,1")
	got.into(t, 201, &again)
	w.as(alice, "POST", "/videos", "\n"+strings.ReplaceAll(with("title", "T"), `":`, `" : `), "Idempotency-Key", "key,1").into(t, 201, &spaced)
	if again.Video.ID != first.Video.ID || spaced.Video.ID != first.Video.ID || again.Video.CreatedAt != first.Video.CreatedAt {
		t.Errorf("videos are %s, %s and %s", first.Video.ID, again.Video.ID, spaced.Video.ID)
	}
	if got.header.Get("Location") != "https://api.example/videos/"+first.Video.ID || again.Upload.ExpiresAt == first.Upload.ExpiresAt {
		t.Errorf("not fresh: %s, %+v", got.header, again.Upload)
	}
}

func TestTheIDOfAVideoCannotBeComputedFromOwnerAndKey(t *testing.T) {
	seen := map[string]bool{}
	for range 2 {
		var made videoBody
		newWorld(t).as(alice, "POST", "/videos", with("title", "T"), "Idempotency-Key", "k").into(t, 201, &made)
		id, err := uuid.Parse(made.Video.ID)
		if err != nil || id.Version() != 4 || seen[made.Video.ID] {
			t.Errorf("%s is version %d, seen before: %v", made.Video.ID, id.Version(), seen[made.Video.ID])
		}
		seen[made.Video.ID] = true
	}
}

// A crash, or a lost answer, at every call of the video table leaves one video
// under one id once the request is repeated.
func TestARequestThatDiesAnywhereMakesOneVideoWhenItIsRepeated(t *testing.T) {
	for _, after := range []bool{false, true} {
		for _, dies := range []string{"claim", "count", "create"} {
			w := newWorld(t)
			fails := func(op, _ string) error {
				if op == dies {
					return contract.ErrUnavailable
				}
				return nil
			}
			if after {
				w.rows.After = fails
			} else {
				w.rows.Before = fails
			}
			w.as(alice, "POST", "/videos", with("title", "T"), "Idempotency-Key", "k").problem(t, contract.CodeUnavailable, "")
			w.rows.Before, w.rows.After = nil, nil
			var made, again videoBody
			w.as(alice, "POST", "/videos", with("title", "T"), "Idempotency-Key", "k").into(t, 201, &made)
			w.as(alice, "POST", "/videos", with("title", "T"), "Idempotency-Key", "k").into(t, 201, &again)
			page, err := w.rows.List(t.Context(), contract.RowQuery{OwnerID: alice, Limit: 10})
			if err != nil || len(page.Rows) != 1 || made.Video.ID != again.Video.ID {
				t.Errorf("%s, after it: %v: %d videos, %s and %s (%v)", dies, after, len(page.Rows), made.Video.ID, again.Video.ID, err)
			}
		}
	}
}

func TestAKeyIsRememberedForAYear(t *testing.T) {
	w := newWorld(t)
	var made videoBody
	w.as(alice, "POST", "/videos", with("title", "T"), "Idempotency-Key", "k").into(t, 201, &made)
	claims := w.rows.Claims()
	if len(claims) != 1 || claims[0].VideoID != made.Video.ID || claims[0].ExpireAt != w.clock.Now().Add(365*24*time.Hour).Unix() ||
		strings.Contains(claims[0].Key, alice) || len(claims[0].Key) != 64 {
		t.Errorf("remembered are %+v", claims)
	}
	w.create(alice, 5)
	if n := len(w.rows.Claims()); n != 1 {
		t.Errorf("a request without a key is remembered: %d", n)
	}
}

func TestAnIdempotencyKeyIsForOneRequestOfOneOwner(t *testing.T) {
	w := newWorld(t)
	var made, bobs videoBody
	w.as(alice, "POST", "/videos", with("title", "T"), "Idempotency-Key", "k").into(t, 201, &made)
	w.as(bob, "POST", "/videos", with("title", "T"), "Idempotency-Key", "k").into(t, 201, &bobs)
	if made.Video.ID == bobs.Video.ID {
		t.Error("two owners share a video")
	}
	w.as(alice, "POST", "/videos", with("title", "U"), "Idempotency-Key", "k").problem(t, contract.CodeIdempotencyKeyReused, "Idempotency-Key")
	w.as(alice, "DELETE", "/videos/"+made.Video.ID, "")
	w.as(alice, "POST", "/videos", with("title", "T"), "Idempotency-Key", "k").problem(t, contract.CodeVideoDeleted, "Idempotency-Key")
	for _, key := range []string{"", strings.Repeat("k", 256), "ä", "a b", "a\tb"} {
		w.as(alice, "POST", "/videos", with("title", "T"), "Idempotency-Key", key).problem(t, contract.CodeRequestInvalid, "Idempotency-Key")
	}
}

func TestARepeatedRequestAfterTheFileHasArrivedHasNothingToUpload(t *testing.T) {
	w := newWorld(t)
	var made, again videoBody
	w.as(alice, "POST", "/videos", with("title", "T"), "Idempotency-Key", "k").into(t, 201, &made)
	w.encoded(made.Video.ID)
	w.as(alice, "POST", "/videos", with("title", "T"), "Idempotency-Key", "k").into(t, 201, &again)
	if again.Upload != nil || again.Video.EncodingStatus != contract.StatusComplete {
		t.Errorf("answer is %+v", again)
	}
}

func TestOneRequestSentManyTimesAtOnceMakesOneVideoAndOneUpload(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		wg.Go(func() {
			var made videoBody
			w.as(alice, "POST", "/videos", with("size", 20*mib), "Idempotency-Key", "k").into(t, 201, &made)
			ids[i] = made.Video.ID + " " + made.Upload.Parts[0].URL[strings.Index(made.Upload.Parts[0].URL, "uploadId="):][:45]
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("videos and uploads are %v", ids)
			break
		}
	}
	if begun, aborted := w.uploads.count("begin"), w.uploads.count("abort"); begun-aborted != 1 {
		t.Errorf("%d uploads were begun, %d dropped", begun, aborted)
	}
}

func TestARequestThatDiesAfterItsRowIsHealedWhenItIsRepeated(t *testing.T) {
	w := newWorld(t)
	w.uploads.before = func(op, _ string) error {
		if op == "begin" {
			return contract.ErrUnavailable
		}
		return nil
	}
	w.as(alice, "POST", "/videos", with("size", 20*mib), "Idempotency-Key", "k").problem(t, contract.CodeUnavailable, "")
	w.uploads.before = nil
	var made videoBody
	w.as(alice, "POST", "/videos", with("size", 20*mib), "Idempotency-Key", "k").into(t, 201, &made)
	if len(made.Upload.Parts) != 2 {
		t.Errorf("upload is %+v", made.Upload)
	}
	page, err := w.rows.List(t.Context(), contract.RowQuery{OwnerID: alice, Limit: 10})
	if err != nil || len(page.Rows) != 1 {
		t.Errorf("%d videos, %v", len(page.Rows), err)
	}
}

func TestAServiceThatIsBusyOrDownIsToldApartFromAFault(t *testing.T) {
	for kind, code := range map[error]contract.Code{
		contract.ErrThrottled:                           contract.CodeThrottled,
		contract.ErrUnavailable:                         contract.CodeUnavailable,
		fmt.Errorf("write: %w", contract.ErrRowChanged): contract.CodeContended,
		contract.ErrDenied:                              contract.CodeInternal,
		errOdd:                                          contract.CodeInternal,
	} {
		w := newWorld(t)
		w.rows.Before = func(string, string) error { return kind }
		problem := w.as(alice, "POST", "/videos", with("title", "T")).problem(t, code, "")
		if strings.Contains(problem.Detail, kind.Error()) && code == contract.CodeInternal {
			t.Errorf("the client is told %q", problem.Detail)
		}
		if !strings.Contains(w.log.String(), kind.Error()) || !strings.Contains(w.log.String(), "request-1") {
			t.Errorf("log is %s", w.log)
		}
		if code == contract.CodeInternal && !strings.Contains(problem.Detail, "request-1") {
			t.Errorf("%q has no request id", problem.Detail)
		}
	}
}
