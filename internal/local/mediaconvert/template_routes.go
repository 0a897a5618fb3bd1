package mediaconvert

import (
	"net/http"
	"time"
)

type templateAnswer struct {
	JobTemplate *Template `json:"jobTemplate"`
}

func (s *Server) createTemplate(r *http.Request) (int, any, error) {
	var request templateRequest
	if err := s.decodeChecked(r, "CreateJobTemplate", &request); err != nil {
		return 0, nil, err
	}
	if err := checkName(request.Name); err != nil {
		return 0, nil, err
	}
	if len(request.Settings) == 0 {
		return 0, nil, badRequest("settings is a required property")
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if err := s.checkTemplate(request); err != nil {
		return 0, nil, err
	}
	if s.state.templates[request.Name] != nil {
		return 0, nil, conflict("A job template with the name %s already exists.", request.Name)
	}
	t := &Template{
		ARN: s.arn("jobTemplates/" + request.Name), Name: request.Name, Type: custom,
		CreatedAt: time.Now().Unix(),
	}
	request.apply(t)
	if err := s.state.setTags(t.ARN, request.Tags); err != nil {
		return 0, nil, err
	}
	return s.saveTemplate(http.StatusCreated, t)
}

// saveTemplate keeps a template and answers with it; the caller holds the lock.
func (s *Server) saveTemplate(status int, t *Template) (int, any, error) {
	if err := s.state.templateFiles.save(t.Name, t); err != nil {
		return 0, nil, err
	}
	s.state.templates[t.Name] = t
	return status, templateAnswer{t}, nil
}

func (s *Server) getTemplate(r *http.Request) (int, any, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	t, err := s.state.template(r.PathValue("name"))
	return http.StatusOK, templateAnswer{t}, err
}

func (s *Server) listTemplates(r *http.Request) (int, any, error) {
	page, err := pagingOf(r, false)
	if err != nil {
		return 0, nil, err
	}
	by, err := oneOf(r, "listBy", "NAME", "CREATION_DATE", system)
	if err != nil {
		return 0, nil, err
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	all, next, err := cut(s.state.sortedTemplates(by, r.URL.Query().Get("category")), page,
		func(t *Template) string { return t.Name })
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, struct {
		JobTemplates []*Template `json:"jobTemplates"`
		NextToken    string      `json:"nextToken,omitempty"`
	}{all, next}, nil
}

func (s *Server) updateTemplate(r *http.Request) (int, any, error) {
	var request templateRequest
	if err := s.decodeChecked(r, "UpdateJobTemplate", &request); err != nil {
		return 0, nil, err
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	old, err := s.state.template(r.PathValue("name"))
	if err != nil {
		return 0, nil, err
	}
	if err := s.checkTemplate(request); err != nil {
		return 0, nil, err
	}
	t := *old
	request.apply(&t)
	return s.saveTemplate(http.StatusOK, &t)
}

func (s *Server) deleteTemplate(r *http.Request) (int, any, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	t, err := s.state.template(r.PathValue("name"))
	if err != nil {
		return 0, nil, err
	}
	if err := s.state.templateFiles.remove(t.Name); err != nil {
		return 0, nil, err
	}
	delete(s.state.templates, t.Name)
	return http.StatusAccepted, struct{}{}, s.state.setTags(t.ARN, nil)
}
