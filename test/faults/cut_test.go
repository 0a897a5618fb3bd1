package faults

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rest"
)

// A cut ends a client in the middle of its request's body: it sends this many
// bytes of it and goes away.
type cut struct {
	name string
	do   func(ctx context.Context, upload rest.Upload, body []byte, sent int) error
}

var cuts = []cut{
	{"FIN", func(ctx context.Context, u rest.Upload, body []byte, sent int) error {
		conn, err := halfSent(ctx, u, body, sent)
		if err != nil {
			return err
		}
		return conn.Close()
	}},
	{"RST", func(ctx context.Context, u rest.Upload, body []byte, sent int) error {
		conn, err := halfSent(ctx, u, body, sent)
		if err != nil {
			return err
		}
		return errors.Join(conn.SetLinger(0), conn.Close())
	}},
	{"half-close", halfClose},
	{"killed curl", killedCurl},
}

// parts of a body after which a client goes away, in percent.
var percents = []int{1, 50, 99}

// cutUploads cuts whole uploads and parts in every way, and sends each again
// to the same URL.
func cutUploads(tr *trial) error {
	whole, err := tr.stretched(3 << 20)
	if err != nil {
		return err
	}
	inParts, err := tr.stretched(20 << 20)
	if err != nil {
		return err
	}
	n := 0
	for _, c := range cuts {
		for _, percent := range percents {
			if err := tr.cutWhole(c, whole, percent); err != nil {
				return fmt.Errorf("%s at %d %%: %w", c.name, percent, err)
			}
			n++
		}
		if err := tr.cutPart(c, inParts, percents[tr.random.IntN(len(percents))]); err != nil {
			return fmt.Errorf("a part, %s: %w", c.name, err)
		}
	}
	tr.healed = time.Now()
	tr.note("%d PUTs cut and sent again", n)
	tr.note("%d parts", len(cuts))
	return nil
}

// stretched is the clip as a video of so many bytes: what is missing is a box
// that players skip.
func (tr *trial) stretched(size int) ([]byte, error) {
	content, err := tr.content(clips.Second)
	if err != nil {
		return nil, err
	}
	box := make([]byte, size-len(content))
	n := len(box)
	copy(box, []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n), 'f', 'r', 'e', 'e'})
	// No zeros, so that a hole shows.
	for i := 8; i < n; i++ {
		box[i] = byte(i*7 + 1)
	}
	return append(content, box...), nil
}

func (tr *trial) cutWhole(c cut, content []byte, percent int) error {
	v, err := tr.createOf(clips.Second.File, content)
	if err != nil {
		return err
	}
	if err := c.do(tr.ctx, v.upload, content, len(content)*percent/100); err != nil {
		return err
	}
	return tr.put(v)
}

// cutPart cuts the second part, and goes on as a client does that asks which
// parts have arrived.
func (tr *trial) cutPart(c cut, content []byte, percent int) error {
	v, err := tr.createOf(clips.Second.File, content)
	if err != nil {
		return err
	}
	if len(v.upload.Parts) < 2 {
		return fmt.Errorf("the upload has %d parts, want two or more", len(v.upload.Parts))
	}
	part := v.upload.Parts[1]
	slice := v.upload.Slice(part.PartNumber, content)
	cutOff := rest.Upload{Method: http.MethodPut, URL: part.URL}
	if err := c.do(tr.ctx, cutOff, slice, len(slice)*percent/100); err != nil {
		return err
	}
	return tr.resume(v)
}

// resume sends the parts that have not arrived, and completes.
func (tr *trial) resume(v *video) error {
	return tr.persist("resume "+v.id, func(ctx context.Context) error {
		answer, err := tr.house.api.Do(ctx, http.MethodGet, v.path()+"/upload", nil)
		if err != nil {
			return err
		}
		upload, err := answer.Upload()
		if err != nil {
			return err
		}
		for _, part := range upload.Parts {
			if part.ETag != "" {
				continue
			}
			if answer, err := upload.PutPart(ctx, part, v.content); err != nil || answer.Status != http.StatusOK {
				return fmt.Errorf("send part %d: %s: %w", part.PartNumber, answer, err)
			}
		}
		return tr.complete(ctx, v)
	})
}

// halfSent has sent the head of a request and so many bytes of its body.
func halfSent(ctx context.Context, u rest.Upload, body []byte, sent int) (*net.TCPConn, error) {
	where, err := url.Parse(u.URL)
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", where.Host)
	if err != nil {
		return nil, err
	}
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", u.Method, where.RequestURI(), where.Host, len(body))
	for name, value := range u.Headers {
		fmt.Fprintf(&head, "%s: %s\r\n", name, value)
	}
	head.WriteString("\r\n")
	if _, err := conn.Write(append(head.Bytes(), body[:sent]...)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn.(*net.TCPConn), nil
}

// halfClose sends no more, but reads the answer, which must not be a good one.
func halfClose(ctx context.Context, u rest.Upload, body []byte, sent int) error {
	conn, err := halfSent(ctx, u, body, sent)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := errors.Join(conn.CloseWrite(), conn.SetReadDeadline(time.Now().Add(callPatience))); err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return nil // hung up without an answer, which is as good
	}
	defer answer.Body.Close()
	if answer.StatusCode < 300 {
		return fmt.Errorf("an upload of %d of %d bytes is answered %s", sent, len(body), answer.Status)
	}
	return nil
}

// killedCurl kills a curl that has read so many bytes of its input and waits
// for more.
func killedCurl(ctx context.Context, u rest.Upload, body []byte, sent int) error {
	args := []string{"--silent", "-X", u.Method, "-H", fmt.Sprintf("Content-Length: %d", len(body)), "-H", "Transfer-Encoding:", "-T", "-"}
	for name, value := range u.Headers {
		args = append(args, "-H", name+": "+value)
	}
	input, output, err := os.Pipe()
	if err != nil {
		return err
	}
	defer output.Close()
	cmd := exec.CommandContext(ctx, "curl", append(args, u.URL)...)
	cmd.Stdin = input
	if err := errors.Join(cmd.Start(), input.Close()); err != nil {
		return fmt.Errorf("curl: %w", err)
	}
	_, err = output.Write(body[:sent])
	for deadline := time.Now().Add(callPatience); err == nil; time.Sleep(10 * time.Millisecond) {
		waiting, ioctlErr := unix.IoctlGetInt(int(output.Fd()), unix.TIOCINQ)
		if err = ioctlErr; waiting == 0 {
			break
		}
		if time.Now().After(deadline) {
			err = fmt.Errorf("curl has not read its input within %v", callPatience)
		}
	}
	err = errors.Join(err, cmd.Process.Kill())
	_ = cmd.Wait()
	return err
}
