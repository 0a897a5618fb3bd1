package faults

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
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
