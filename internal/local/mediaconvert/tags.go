package mediaconvert

import (
	"maps"
	"net/http"
	"strings"
)

// setTags replaces a resource's tags; the caller holds the lock.
func (s *state) setTags(arn string, tags map[string]string) error {
	name := tagFile(arn)
	if len(tags) == 0 {
		delete(s.tags, name)
		return s.tagFiles.remove(name)
	}
	if err := s.tagFiles.save(name, &tags); err != nil {
		return err
	}
	s.tags[name] = &tags
	return nil
}

// tagFile is an ARN's resource, such as queues/Default: unique here, and
// short enough for a file name.
func tagFile(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }

// tagsOf copies a resource's tags; the caller holds the lock.
func (s *state) tagsOf(arn string) map[string]string {
	tags := map[string]string{}
	if kept := s.tags[tagFile(arn)]; kept != nil {
		maps.Copy(tags, *kept)
	}
	return tags
}

// resource checks that an ARN is one of ours; the caller holds the lock.
func (s *state) resource(arn string) error {
	for _, r := range s.jobs {
		if r.ARN == arn {
			return nil
		}
	}
	if q := s.queues[nameOf(arn)]; q != nil && q.ARN == arn {
		return nil
	}
	if t := s.templates[nameOf(arn)]; t != nil && t.ARN == arn {
		return nil
	}
	return notFound("The resource %s does not exist.", arn)
}

func (s *Server) listTags(r *http.Request) (int, any, error) {
	type resourceTags struct {
		ARN  string            `json:"arn"`
		Tags map[string]string `json:"tags"`
	}
	arn := r.PathValue("arn")
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if err := s.state.resource(arn); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]resourceTags{"resourceTags": {arn, s.state.tagsOf(arn)}}, nil
}

func (s *Server) tagResource(r *http.Request) (int, any, error) {
	var request struct {
		ARN  string            `json:"arn"`
		Tags map[string]string `json:"tags"`
	}
	if err := s.decodeChecked(r, "TagResource", &request); err != nil {
		return 0, nil, err
	}
	return s.changeTags(request.ARN, func(tags map[string]string) { maps.Copy(tags, request.Tags) })
}

func (s *Server) untagResource(r *http.Request) (int, any, error) {
	var request struct {
		TagKeys []string `json:"tagKeys"`
	}
	if err := s.decodeChecked(r, "UntagResource", &request); err != nil {
		return 0, nil, err
	}
	return s.changeTags(r.PathValue("arn"), func(tags map[string]string) {
		for _, key := range request.TagKeys {
			delete(tags, key)
		}
	})
}

func (s *Server) changeTags(arn string, change func(map[string]string)) (int, any, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if err := s.state.resource(arn); err != nil {
		return 0, nil, err
	}
	tags := s.state.tagsOf(arn)
	change(tags)
	return http.StatusOK, struct{}{}, s.state.setTags(arn, tags)
}

// describeEndpoints names this server; clients have not needed it since 2024.
func (s *Server) describeEndpoints(r *http.Request) (int, any, error) {
	if err := s.decodeChecked(r, "DescribeEndpoints", &struct{}{}); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]any{
		"endpoints": []map[string]string{{"url": "http://" + r.Host}},
	}, nil
}
