{{- define "assay.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{- define "assay.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "assay.labels" -}}
{{ include "assay.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "assay.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* What holds for every pod of the chart. */}}
{{- define "assay.pod" -}}
serviceAccountName: {{ include "assay.name" . }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 45
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* What holds for every container of the chart. */}}
{{- define "assay.container" -}}
image: {{ include "assay.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- with .Values.existingSecret }}
envFrom:
  - secretRef:
      name: {{ . }}
{{- end }}
volumeMounts:
  - name: data
    mountPath: /var/lib/assay
  - name: config
    mountPath: /etc/assay
    readOnly: true
  - name: tmp
    mountPath: /tmp
{{- end }}

{{- define "assay.volumes" -}}
- name: config
  configMap:
    name: {{ include "assay.name" . }}
- name: tmp
  emptyDir:
    sizeLimit: 1Gi
{{- end }}

{{/* What does not go together. */}}
{{- define "assay.check" -}}
{{- if .Values.workers.enabled }}
{{- if ne .Values.persistence.accessMode "ReadWriteMany" }}
{{- fail "workers.enabled needs persistence.accessMode: ReadWriteMany, for workers read the originals that the server writes" }}
{{- end }}
{{- if not .Values.existingSecret }}
{{- fail "workers.enabled needs existingSecret with ASSAY_DATABASE__URL, for the tasks have to be on Postgres" }}
{{- end }}
{{- end }}
{{- end }}

{{/* How the kubelet asks for a state: the root context, and `live` or `ready`. */}}
{{- define "assay.probe" -}}
{{- if eq (index . 0).Values.probes "grpc" -}}
grpc: { port: 8080, service: {{ index . 1 }} }
{{- else -}}
httpGet: { path: /health/{{ index . 1 }}, port: http }
{{- end -}}
{{- end -}}
