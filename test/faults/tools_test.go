package faults

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/test/rest"
)

func TestALostAnswerWasCarriedOut(t *testing.T) {
	carriedOut := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		carriedOut++
		_, _ = w.Write([]byte("done"))
	}))
	defer server.Close()
	where, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, _ := strconv.Atoi(where.Port())
	line := &badLine{random: rand.New(rand.NewPCG(1, 0))}
	defer line.close()
	endpoint, err := line.to(port)
	if err != nil {
		t.Fatal(err)
	}
	const requests = 200
	lost := 0
	for range requests {
		// Not repeated by the client itself, as a GET would be.
		answer, err := http.Post(endpoint, "text/plain", nil)
		if err != nil {
			lost++
			continue
		}
		answer.Body.Close()
	}
	if carriedOut != requests || lost == 0 || lost > requests/5 || int(line.lost.Load()) != lost {
		t.Errorf("of %d requests %d were carried out and %d answers lost, %d by its own count", requests, carriedOut, lost, line.lost.Load())
	}
}

func TestScenariosAreChosenByWordsOfTheirNames(t *testing.T) {
	for setting, want := range map[string]int{"": 2, "all": len(scenarios), "1": len(scenarios), "poison": 1, "killed": 5, "poison,ffmpeg": 2} {
		n := 0
		for _, s := range scenarios {
			if s.isWanted(setting) {
				n++
			}
		}
		if n != want {
			t.Errorf("%q chooses %d scenarios, want %d", setting, n, want)
		}
	}
}

func TestAPlaylistsNamesAreItsLinesAndItsURIs(t *testing.T) {
	const playlist = "#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:1.0,\none.m4s\n\n#EXT-X-MEDIA:TYPE=AUDIO,URI=\"audio/a.m3u8\",GROUP-ID=\"a\"\n"
	if got := namesIn(strings.NewReader(playlist)); !slices.Equal(got, []string{"init.mp4", "one.m4s", "audio/a.m3u8"}) {
		t.Errorf("got %v", got)
	}
}

func TestEveryCutEndsARequestInTheMiddleOfItsBody(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for _, c := range cuts {
		for _, percent := range percents {
			came := make(chan int64, 1)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n, err := io.Copy(io.Discard, r.Body)
				if err == nil || r.ContentLength != int64(len(body)) || r.Header.Get("Content-Type") != "video/mp4" {
					t.Errorf("%s at %d %%: a body of %d was read without an error (%v)", c.name, percent, r.ContentLength, r.Header)
				}
				w.WriteHeader(http.StatusBadRequest)
				came <- n
			}))
			upload := rest.Upload{Method: http.MethodPut, URL: server.URL + "/bucket/key?x=1", Headers: map[string]string{"Content-Type": "video/mp4"}}
			sent := len(body) * percent / 100
			if err := c.do(t.Context(), upload, body, sent); err != nil {
				t.Fatalf("%s at %d %%: %v", c.name, percent, err)
			}
			// RST takes back what was not read, a pipe keeps some.
			if n := <-came; n > int64(sent) {
				t.Errorf("%s at %d %%: %d bytes came, sent were %d", c.name, percent, n, sent)
			}
			server.Close()
		}
	}
}
