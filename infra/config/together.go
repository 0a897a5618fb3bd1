package config

import (
	"fmt"
	"strings"
)

// apiTogether checks what no key of the API can see alone: above all, that
// nobody is let in without proof outside one machine.
func (c Config) apiTogether() []error {
	var problems []error
	say := func(format string, args ...any) { problems = append(problems, fmt.Errorf("  "+format, args...)) }
	if c.API.Open && c.Stage != Local {
		say("apiOpen: true is not allowed in stage %s; allowed: false, or stage local", c.Stage)
	}
	if c.API.JWTIssuer != "" && len(c.API.JWTAudience) == 0 {
		say("jwtIssuer: %q needs a jwtAudience; allowed: both, or neither", c.API.JWTIssuer)
	}
	if c.API.JWTIssuer == "" && len(c.API.JWTAudience) > 0 {
		say("jwtAudience: %q needs a jwtIssuer; allowed: both, or neither", strings.Join(c.API.JWTAudience, ","))
	}
	if c.API.JWTIssuer == "" && len(c.API.JWTScopes) > 0 {
		say("jwtScopes: %q needs a jwtIssuer; allowed: with a jwtIssuer only", strings.Join(c.API.JWTScopes, ","))
	}
	for _, setting := range []struct{ name, url string }{{"jwtIssuer", c.API.JWTIssuer}, {"apiBaseUrl", c.API.BaseURL}} {
		if c.Stage != Local && strings.HasPrefix(setting.url, "http:") {
			say("%s: %q is not allowed in stage %s; allowed: https://HOST[/PATH]", setting.name, setting.url, c.Stage)
		}
	}
	return problems
}
