package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
)

// show prints what came out: the renditions, as the playlist that players
// read lists them, and the URLs.
func (d *demo) show(ctx context.Context, v apiVideo) error {
	if v.HLSURL != "" {
		playlist, err := d.fetch(ctx, v.HLSURL)
		if err != nil {
			return err
		}
		printRenditions(d.stdout, parseMaster(playlist))
	}
	w := tabwriter.NewWriter(d.stdout, 0, 0, 3, ' ', 0)
	line := func(name string, urls ...string) {
		for _, u := range urls {
			if u != "" {
				fmt.Fprintf(w, "%s\t%s\n", name, u)
			}
		}
	}
	line("HLS", v.HLSURL)
	line("DASH", v.DASHURL)
	line("MP4", v.MP4URLs...)
	line("poster", v.PlaceholderURL)
	line(fmt.Sprintf("thumbnail (%d)", len(v.ThumbnailURLs)), v.ThumbnailURLs[:min(1, len(v.ThumbnailURLs))]...)
	line("id", v.ID)
	line("guid", v.VodGUID)
	for _, warning := range d.record.Warnings {
		line("warning", warning)
	}
	return w.Flush()
}

// maxPlaylist is far beyond any playlist, in bytes.
const maxPlaylist = 1 << 20

func (d *demo) fetch(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", fmt.Errorf("announced URL: %w", err)
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return "", d.explain("read "+url, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the announced URL %s answers %s", url, resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPlaylist))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", url, err)
	}
	return string(body), nil
}

// rendition is one line of a master playlist.
type rendition struct {
	resolution string
	bandwidth  int // peak, bits per second
	frameRate  string
	codecs     string
}

// attribute is NAME=value or NAME="value" in a playlist's tag (RFC 8216,
// 4.2).
var attribute = regexp.MustCompile(`([A-Z0-9-]+)=("[^"]*"|[^",]*)`)

// parseMaster reads the renditions of an HLS master playlist.
func parseMaster(playlist string) []rendition {
	var found []rendition
	lines := bufio.NewScanner(strings.NewReader(playlist))
	for lines.Scan() {
		tag, isStream := strings.CutPrefix(lines.Text(), "#EXT-X-STREAM-INF:")
		if !isStream {
			continue
		}
		var r rendition
		for _, match := range attribute.FindAllStringSubmatch(tag, -1) {
			value := strings.Trim(match[2], `"`)
			switch match[1] {
			case "RESOLUTION":
				r.resolution = value
			case "BANDWIDTH":
				r.bandwidth, _ = strconv.Atoi(value) // 0 is shown as a dash
			case "FRAME-RATE":
				r.frameRate = value
			case "CODECS":
				r.codecs = value
			}
		}
		found = append(found, r)
	}
	return found
}

func printRenditions(out io.Writer, renditions []rendition) {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "rendition\tpeak Mbit/s\tframes/s\tcodecs")
	for _, r := range renditions {
		peak := "-"
		if r.bandwidth > 0 {
			peak = fmt.Sprintf("%.2f", float64(r.bandwidth)/1e6)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", orDash(r.resolution, "sound"), peak, orDash(shortRate(r.frameRate), "-"), r.codecs)
	}
	fmt.Fprintln(w)
	w.Flush()
}

// shortRate drops the zeros of 25.000.
func shortRate(rate string) string {
	if !strings.Contains(rate, ".") {
		return rate
	}
	return strings.TrimSuffix(strings.TrimRight(rate, "0"), ".")
}

func orDash(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
