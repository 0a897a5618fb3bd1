package objectstore

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// browserForm is an upload as
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
// tells.
func browserForm(t *testing.T, key string, body []byte) *http.Request {
	t.Helper()
	now := time.Now().UTC()
	day, date := now.Format("20060102"), now.Format("20060102T150405Z")
	credential := fmt.Sprintf("%s/%s/%s/s3/aws4_request", store.AccessKey, day, store.Region)
	fields := [][2]string{{"key", key}, {"x-amz-algorithm", "AWS4-HMAC-SHA256"}, {"x-amz-credential", credential}, {"x-amz-date", date}}
	conditions := fmt.Sprintf(`{"bucket":%q}`, testBucket)
	for _, f := range fields {
		conditions += fmt.Sprintf(`,{%q:%q}`, f[0], f[1])
	}
	policy := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"expiration":%q,"conditions":[%s]}`,
		now.Add(time.Hour).Format("2006-01-02T15:04:05.000Z"), conditions))
	signing := []byte("AWS4" + store.SecretKey)
	for _, part := range []string{day, store.Region, "s3", "aws4_request"} {
		signing = mac(signing, part)
	}
	fields = append(fields, [2]string{"policy", policy}, [2]string{"x-amz-signature", hex.EncodeToString(mac(signing, policy))})

	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for _, f := range fields {
		_ = w.WriteField(f[0], f[1])
	}
	file, err := w.CreateFormFile("file", "clip.mp4")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = file.Write(body)
	w.Close()
	req, err := http.NewRequest(http.MethodPost, fmt.Sprintf("http://%s/%s", store.Address, testBucket), &form)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	return req
}

func TestABrowsersFormThatIsCutStoresNothing(t *testing.T) {
	body := testBody(cutSize)
	bus.take(t)
	for _, share := range []int{1, 50, 99} {
		t.Run(fmt.Sprintf("at %d %%", share), func(t *testing.T) {
			head, sent := onTheWire(t, browserForm(t, keyFor(t), body))
			before := files(t)
			answer := halfClose(t, append(head, sent[:len(sent)*share/100]...))
			if answer != nil && answer.StatusCode < 400 {
				t.Errorf("the answer is %s", answer.Status)
			}
			if after := files(t); after != before {
				t.Errorf("there were %d files, and are %d", before, after)
			}
			if got := bus.take(t); len(got) != 0 {
				t.Errorf("announced: %+v", got)
			}
			if status := sendWhole(t, browserForm(t, keyFor(t), body)); status != http.StatusNoContent {
				t.Errorf("sent again: %d", status)
			}
			checkStored(t, body, reasonPost)
		})
	}
}

// halfClose sends all, says that nothing follows, and returns the answer, if
// there is one, when the gateway has closed the connection.
func halfClose(t *testing.T, wire []byte) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", store.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(wire); err != nil {
		t.Fatal(err)
	}
	_ = conn.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(answer)), nil)
	if err != nil {
		return nil
	}
	return resp
}

// A header may say another length than Content-Length does; versitygw makes
// the file as long as it says.
func TestAnUploadThatSaysTwoLengthsIsRefused(t *testing.T) {
	body := testBody(100)
	for _, length := range []string{"50", "200", "0"} {
		up, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: aws.String(testBucket), Key: aws.String("two.mp4")})
		if err != nil {
			t.Fatal(err)
		}
		for name, target := range map[string]string{
			"object": fmt.Sprintf("http://%s/%s/two.mp4", store.Address, testBucket),
			"part":   fmt.Sprintf("http://%s/%s/two.mp4?partNumber=1&uploadId=%s", store.Address, testBucket, *up.UploadId),
		} {
			req := signedUpload(t, target, body, "UNSIGNED-PAYLOAD", http.Header{"X-Amz-Decoded-Content-Length": {length}})
			if status := sendWhole(t, req); status != http.StatusBadRequest {
				t.Errorf("%s of 100 bytes that says %s: %d", name, length, status)
			}
		}
	}
	if got := bus.take(t); len(got) != 0 {
		t.Errorf("announced: %+v", got)
	}
}

// fasthttp reads a form's fields before any handler, and leaves nothing of the
// body; S3 would take the bytes as they are.
func TestAPutOfAFormIsNotStoredEmpty(t *testing.T) {
	form := []byte("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n--x--\r\n")
	req := presignedUpload(t, fmt.Sprintf("http://%s/%s/form.bin", store.Address, testBucket), form)
	req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if status := sendWhole(t, req); status != http.StatusBadRequest {
		t.Errorf("the answer is %d", status)
	}
	if got := bus.take(t); len(got) != 0 {
		t.Errorf("announced: %+v", got)
	}
}

func TestACopyWhoseClientIsGoneIsWholeOrNotThere(t *testing.T) {
	body := testBody(6 << 20)
	put(t, quietBucket, "whole.mp4", string(body))
	up, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: aws.String(testBucket), Key: aws.String("copied.mp4")})
	if err != nil {
		t.Fatal(err)
	}
	bus.take(t)
	source := http.Header{"X-Amz-Copy-Source": {quietBucket + "/whole.mp4"}}
	target := fmt.Sprintf("http://%s/%s/copied.mp4", store.Address, testBucket)
	for _, to := range []string{target, target + "?partNumber=1&uploadId=" + *up.UploadId} {
		req := signedUpload(t, to, nil, hexSum(""), source)
		head, _ := onTheWire(t, req)
		sendAndReset(t, head)
		<-entrance.done
	}
	if parts := partsOf(t, aws.String(testBucket), aws.String("copied.mp4"), up.UploadId); len(parts) > 0 && *parts[0].Size != int64(len(body)) {
		t.Errorf("the part has %d bytes", *parts[0].Size)
	}
	out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(testBucket), Key: aws.String("copied.mp4")})
	if err != nil {
		return // nothing was copied
	}
	defer out.Body.Close()
	if got, err := io.ReadAll(out.Body); err != nil || !bytes.Equal(got, body) {
		t.Errorf("the copy has %d bytes (%v)", len(got), err)
	}
	if got := bus.take(t); len(got) != 1 || got[0].Object.Size != int64(len(body)) {
		t.Errorf("announced: %+v", got)
	}
}

func TestTheGuardStandsBeforeEverything(t *testing.T) {
	for _, path := range []string{"/", "/" + testBucket + "/x.mp4", "/_vod_healthy", "/.well-known/x"} {
		req, _ := http.NewRequest(http.MethodGet, "http://"+store.Address+path, nil)
		req.Header.Set("X-Refuse", "yes")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusForbidden || string(answer) != "not through this door\n" || resp.Header.Get("X-Guard") != "refused" {
			t.Errorf("%s: %s %q %v", path, resp.Status, answer, resp.Header)
		}
	}
	presigned := presignedUpload(t, fmt.Sprintf("http://%s/%s/guarded.mp4", store.Address, quietBucket), []byte("x"))
	resp, err := http.DefaultClient.Do(presigned)
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("X-Guard") != "admitted" {
		t.Errorf("admitted: %v %v", resp, err)
	}
}
