package delivery

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// CORS is the cross-origin part of the distribution's response headers.
type CORS struct {
	Origins       []string `json:"origins"`
	Methods       []string `json:"methods"`
	AllowHeaders  []string `json:"allowHeaders"`
	ExposeHeaders []string `json:"exposeHeaders"`
	MaxAge        int      `json:"maxAge"` // seconds
}

// decorate adds the distribution's headers to an answer.
func (o Origin) decorate(h http.Header, r *http.Request) {
	for name, value := range o.Headers {
		h.Set(name, value)
	}
	// versitygw's own answer to a cross-origin request, if any.
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") {
			h.Del(name)
		}
	}
	o.CORS.apply(h, r)
}

// keepForever does what the distribution's function does
// (infra/vodstack/delivery.js): streams never change, errors do.
func keepForever(resp *http.Response) {
	if resp.StatusCode < http.StatusBadRequest && resp.Header.Get("Cache-Control") == "" {
		resp.Header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
}

func (c CORS) apply(h http.Header, r *http.Request) {
	origin := r.Header.Get("Origin")
	allowed := c.allow(origin)
	if origin == "" || allowed == "" {
		return
	}
	h.Set("Access-Control-Allow-Origin", allowed)
	if allowed != "*" {
		h.Add("Vary", "Origin")
	}
	setList(h, "Access-Control-Expose-Headers", c.ExposeHeaders)
	if r.Method != http.MethodOptions {
		return
	}
	setList(h, "Access-Control-Allow-Methods", c.Methods)
	setList(h, "Access-Control-Allow-Headers", c.AllowHeaders)
	if c.MaxAge > 0 {
		h.Set("Access-Control-Max-Age", strconv.Itoa(c.MaxAge))
	}
}

// allow returns what to say to an origin: "*", itself, or nothing.
func (c CORS) allow(origin string) string {
	if slices.Contains(c.Origins, "*") {
		return "*"
	}
	if slices.ContainsFunc(c.Origins, func(pattern string) bool { return matches(pattern, origin) }) {
		return origin
	}
	return ""
}

// matches compares an origin with a pattern that may hold one asterisk, as
// in https://*.example.com.
func matches(pattern, origin string) bool {
	before, after, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == origin
	}
	return len(origin) >= len(before)+len(after) && strings.HasPrefix(origin, before) && strings.HasSuffix(origin, after)
}

func setList(h http.Header, name string, values []string) {
	if len(values) > 0 {
		h.Set(name, strings.Join(values, ", "))
	}
}
