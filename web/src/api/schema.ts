// Written by build/types.mjs from the OpenAPI document of the server. Do not edit.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An invitation that is accepted. */
        AcceptRequest: {
            /** @description The password of the user who is invited: a new one for a user who is not known yet. */
            password: string;
            /** @description The token. */
            token: string;
        };
        /** @description What came of an invitation. */
        AcceptResponse: {
            /** @description Whether the user was made. */
            is_new: boolean;
            /** @description The role there. */
            role: string;
            /** @description Name of the tenant. */
            tenant: string;
            /** @description The user. */
            user: string;
        };
        /** @description An access list. */
        AccessListResponse: {
            /** @description Groups on the list. */
            groups: components["schemas"]["NamedHolder"][];
            /** @description Users and services on the list. */
            members: components["schemas"]["NamedHolder"][];
            /** @description Whom it is open to. */
            open_to: components["schemas"]["OpenTo"];
        };
        /** @description Who may read a collection or a document. */
        AccessRequest: {
            /**
             * @description Names or ids of groups on the list.
             * @default []
             */
            groups: string[];
            /**
             * @description Names or ids of users and services on the list.
             * @default []
             */
            members: string[];
            /**
             * @description Whom it is open to.
             * @default listed
             */
            open_to: components["schemas"]["OpenTo"];
        };
        /** @description Who may read a collection or a document. */
        AccessResponse: {
            /** @description What holds: its own list, or the one that it inherits. */
            in_force: components["schemas"]["AccessListResponse"];
            /** @description What it was given itself. */
            own: components["schemas"]["AccessListResponse"];
        };
        /** @description A rule that fires. */
        ActiveAlert: {
            /** @description The rule. */
            metric: string;
            /** @description Its expression, which holds the threshold. */
            threshold: string;
            /** @description Series for which it holds. */
            trigger_count: number;
        };
        /** @description A rule. */
        AlertRuleInfo: {
            /** @description It holds for each series that this finds. */
            expression: string;
            /**
             * Format: double
             * @description Seconds for which it must hold.
             */
            for_seconds: number;
            /** @description What it is about. */
            group: string;
            /** @description Its name. */
            name: string;
            /** @description Who has to look. */
            owner: string;
            /** @description The page that says what to do. */
            runbook: string;
            /** @description `info`, `warning` or `critical`. */
            severity: string;
            /** @description The objective at stake; empty for none. */
            slo: string;
            /** @description What is the matter when it fires. */
            summary: string;
        };
        /** @description The rules that hold. */
        AlertRulesResponse: {
            /** @description The same as a rule file of Prometheus, in YAML. */
            prometheus: string;
            /** @description In the order of their evaluation. */
            rules: components["schemas"]["AlertRuleInfo"][];
        };
        /** @description A rule that holds or held for one series. */
        AlertStatus: {
            /** @description The series, by label. */
            labels: {
                [key: string]: string;
            };
            /** @description Who has to look. */
            owner: string;
            /** @description The rule. */
            rule: string;
            /** @description The page that says what to do. */
            runbook: string;
            /** @description `info`, `warning` or `critical`. */
            severity: string;
            /** @description Since when it holds, in UTC. */
            since: string;
            /** @description `pending`, `firing` or `resolved`. */
            state: string;
            /** @description What is the matter. */
            summary: string;
            /** @description When it ended. */
            until?: string | null;
            /**
             * Format: double
             * @description What the expression came to last.
             */
            value?: number | null;
        };
        /** @description Alerts. */
        AlertsResponse: {
            /** @description Pending, firing and lately resolved ones, the newest first. */
            alerts: components["schemas"]["AlertStatus"][];
        };
        /**
         * @description What kind of answer it is.
         * @enum {string}
         */
        AnswerState: "supported" | "partly_supported" | "conflicting" | "not_in_sources" | "off_topic" | "needs_clarification" | "partial_timeout";
        /** @description The body of an error on the paths of Anthropic's protocol. */
        AnthropicErrorBody: {
            /** @description The error. */
            error: components["schemas"]["AnthropicErrorDetail"];
            /** @description The id of the request, as in the header `request-id`. */
            request_id?: string | null;
            /** @description `error`. */
            type: string;
        };
        /** @description An error as clients of Anthropic's protocol expect it. */
        AnthropicErrorDetail: {
            /** @description What failed. */
            message: string;
            /** @description Such as `invalid_request_error`. */
            type: string;
        };
        /** @description What the licence of a public page asks to be told with it. */
        Attribution: {
            /** @description Who wrote it, as far as the source says. */
            author?: string | null;
            /** @description When it was fetched. */
            fetched_at: string;
            /** @description Under which licence, as far as the source says. */
            licence?: string | null;
        };
        /** @description An entry of the audit log. */
        AuditEntryResponse: {
            /** @description What was done, such as `key.create`. */
            action: string;
            /** @description Who: `principal:` and an id, `local`, `operator` or `unknown`. */
            actor: string;
            /** @description When, in UTC. */
            at: string;
            /** @description What else matters. */
            detail: string;
            /** @description The address that the request came from. */
            from: string;
            /** @description To what. */
            object: string;
            /** @description `done`, `denied` or `failed`. */
            outcome: string;
            /** @description The request. */
            request: string;
            /**
             * Format: int64
             * @description Its number in the tenant's chain, from 1.
             */
            seq: number;
            /** @description By which credential. */
            via: string;
        };
        /** @description A part of the audit log. */
        AuditResponse: {
            /** @description The oldest first. */
            entries: components["schemas"]["AuditEntryResponse"][];
            /** @description The key that checks the signatures of checkpoints: Ed25519, base 64. */
            public_key: string;
        };
        /** @description A full copy and the steps that follow it. */
        BackupPoint: {
            /**
             * Format: int64
             * @description Bytes of the full copy before it was cut into pieces that are kept once.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Files of the full copy.
             */
            files: number;
            /**
             * @description When the full copy was taken; from here on every step can be restored.
             * @example 2026-11-21T16:00:00Z
             */
            from: string;
            /**
             * @description Its name.
             * @example 20261121T160000Z
             */
            name: string;
            /**
             * @description Version of Assay that wrote it.
             * @example 0.1.0
             */
            program: string;
            /**
             * Format: int64
             * @description Steps after the full copy.
             */
            steps: number;
            /** @description The last moment that it leads to. */
            until: string;
        };
        /** @description Takes a full copy now. */
        BackupRequest: {
            /**
             * @description Folder of the server that the copy goes to: `backup.to` (the default) or one of
             *     `backup.folders`.
             * @example /mnt/backups/assay
             */
            to?: string | null;
        };
        /** @description The backups of the installation. */
        BackupsResponse: {
            /** @description Oldest first. */
            backups: components["schemas"]["BackupPoint"][];
            /** @description Why the last attempt failed, if it did. */
            error?: string | null;
            /**
             * Format: int32
             * @description Days for which every moment can be restored.
             */
            keep_days: number;
            /**
             * Format: double
             * @description How long ago that is, in seconds: what would be lost if the machine were.
             * @example 0.8
             */
            lag_seconds?: number | null;
            /** @description Whether they are sealed with a key. */
            sealed: boolean;
            /** @description Where backups go; absent where none are set up. */
            to?: string | null;
            /** @description The moment up to which everything is kept. */
            until?: string | null;
        };
        /** @description A source that is cited. */
        BibliographyEntry: {
            /** @description As the caller told it; absent when the caller did not. */
            accessibility?: string | null;
            /** @description Authors, parted by `; `; absent when unknown. */
            author?: string | null;
            /**
             * Format: float
             * @description By the ending of its domain: `.gov` 0.9, `.edu` 0.8, `.org` 0.7, else 0.5.
             */
            authority_score: number;
            /** @description Citations that lie in it. */
            citations_count: number;
            /** @description Host of the address. */
            domain: string;
            /** @description The quote with the highest confidence, at most 200 characters. */
            excerpt: string;
            /** @description The entry in the style that was asked for. */
            formatted: string;
            /** @description The `n` of `[n]`, as text. */
            id: string;
            /** @description How a text refers to it in that style, without parentheses. */
            in_text: string;
            /** @description Language of its text; absent when it cannot be told. */
            language?: string | null;
            /** @description The `n` of `[n]`. */
            number: number;
            /** @description When it was published; absent when unknown. */
            published_at?: string | null;
            /**
             * Format: float
             * @description Highest confidence of its citations.
             */
            relevance_score: number;
            /** @description Place of the source in the request, counted from 0. */
            source_index: number;
            /** @description Title. */
            title: string;
            /** @description Address. */
            url: string;
            /** @description Words of its text. */
            word_count: number;
        };
        /** @description A factor of a score. */
        Boost: {
            /**
             * Format: float
             * @description What the score was multiplied by.
             */
            factor: number;
            /** @description `recency`, or the condition of a weight. */
            reason: string;
        };
        /** @description A share of a budget was passed. */
        BudgetAlert: {
            /** @description When. */
            at: string;
            /** @description The budget. */
            budget_id: string;
            /** @description The values of its counter, separated by commas. */
            counter: string;
            /** @description Its name. */
            name: string;
            /**
             * Format: int32
             * @description The share in percent.
             */
            percent: number;
            /** @description Begin of the window. */
            window_start: string;
        };
        /** @description Alerts, the last first. */
        BudgetAlertsResponse: {
            /** @description The alerts. */
            alerts: components["schemas"]["BudgetAlert"][];
        };
        /** @description A counter of a budget. */
        BudgetCounter: {
            /** @description When the limit will be reached when it goes on as so far. */
            exhausted_at?: string | null;
            /** @description Left. */
            left: components["schemas"]["Exact"];
            /**
             * Format: int64
             * @description Used in hundredths of the limit, rounded down.
             */
            percent: number;
            /** @description What will be used at the end of the window when it goes on as so far. */
            projected: components["schemas"]["Exact"];
            /**
             * Format: int64
             * @description Calls refused in this window since the start of the server.
             */
            refused: number;
            /** @description Reserved by calls under way. */
            reserved: components["schemas"]["Exact"];
            /** @description When it begins at nothing again. */
            resets_at: string;
            /** @description Used in this window. */
            spent: components["schemas"]["Exact"];
            /** @description The values that it is for. */
            values: {
                [key: string]: string;
            };
        };
        /** @description Budgets, by name. */
        BudgetListResponse: {
            /** @description The budgets. */
            budgets: components["schemas"]["BudgetResponse"][];
        };
        /** @description A limit for a time. */
        BudgetOverride: {
            /** @description From when. */
            from: string;
            /** @description The limit, in the unit of the budget. */
            limit: components["schemas"]["Exact"];
            /** @description Why. */
            reason: string;
            /** @description Until when. */
            until: string;
        };
        /** @description Another limit of a budget for a time. */
        BudgetOverrideRequest: {
            /** @description The limit meanwhile, in the unit of the budget. */
            limit: components["schemas"]["Exact"];
            /**
             * Format: int32
             * @description From now for so many minutes.
             */
            minutes: number;
            /** @description Why. */
            reason?: string;
        };
        /**
         * @description A budget to be set. One of the three limits is given. A dimension that is absent is not looked
         *     at; one with a value limits the budget to it; `*` keeps a counter for each value.
         */
        BudgetRequest: {
            /**
             * @description Shares in percent whose passing is told; 50, 80 and 100 when absent.
             * @default null
             */
            alerts: number[] | null;
            /**
             * Format: int64
             * @description Calls.
             * @default null
             */
            limit_calls: number | null;
            /**
             * Format: int64
             * @description Tokens.
             * @default null
             */
            limit_tokens: number | null;
            /** @default null */
            limit_usd: components["schemas"]["Exact"] | null;
            /**
             * @description What it is called.
             * @default
             */
            name: string;
            /**
             * @description Which calls.
             * @default {}
             */
            only: components["schemas"]["BudgetScope"];
            /**
             * @description `minute`, `hour`, `day` or `month`, in UTC; `day` when absent.
             * @default null
             */
            window: string | null;
        };
        /** @description A budget and how it stands. Amounts are in its unit. */
        BudgetResponse: {
            /** @description Shares in percent whose passing is told. */
            alerts: number[];
            /** @description Whether it stands in the configuration, where alone it can be changed. */
            configured: boolean;
            /** @description Its counters; those of a budget for each value, the fullest first. */
            counters: components["schemas"]["BudgetCounter"][];
            /** @description Its id. */
            id: string;
            /** @description The limit that holds now. */
            limit: components["schemas"]["Exact"];
            /** @description What it is called. */
            name: string;
            /** @description Which calls. */
            only: components["schemas"]["BudgetScope"];
            /** @description Limits for a time. */
            overrides: components["schemas"]["BudgetOverride"][];
            /** @description Its unit: `usd`, `tokens` or `calls`. */
            unit: string;
            /** @description `minute`, `hour`, `day` or `month`. */
            window: string;
        };
        /** @description Which calls a budget is for. */
        BudgetScope: {
            /**
             * @description The API key.
             * @default null
             */
            key: string | null;
            /**
             * @description The model.
             * @default null
             */
            model: string | null;
            /**
             * @description The organisation.
             * @default null
             */
            organisation: string | null;
            /**
             * @description The provider.
             * @default null
             */
            provider: string | null;
            /**
             * @description The tenant.
             * @default null
             */
            tenant: string | null;
            /**
             * @description The user.
             * @default null
             */
            user: string | null;
        };
        /** @description How fast an error budget goes, in a pair of windows. */
        BurnRate: {
            /** @description Whether they are. */
            is_alert: boolean;
            /**
             * Format: double
             * @description Times the even use of the budget, in the longer window; none without events.
             */
            long_rate?: number | null;
            /** @description The longer window, such as `1h`. */
            long_window: string;
            /**
             * Format: double
             * @description In the shorter one.
             */
            short_rate?: number | null;
            /** @description The shorter one. */
            short_window: string;
            /**
             * Format: double
             * @description The rate from which both together are an alert.
             */
            threshold: number;
        };
        /** @description How full a cache is. */
        CacheStatus: {
            /** @description Entries at most. */
            capacity: number;
            /** @description Entries. */
            size: number;
            /**
             * Format: double
             * @description Share in use.
             */
            utilization: number;
        };
        /** @description The answer as a message. */
        ChatAnswer: {
            /** @description The text. */
            content: string;
            /** @description `assistant`. */
            role: string;
        };
        /** @description The one choice of a completion. */
        ChatChoice: {
            /** @description `stop`. */
            finish_reason: string;
            /**
             * Format: int32
             * @description 0.
             */
            index: number;
            /** @description The answer. */
            message: components["schemas"]["ChatAnswer"];
        };
        /**
         * @description A chat completion: the last user message is the question, the messages before it say what it
         *     leans on.
         */
        ChatCompletionRequest: {
            /** @description The conversation, oldest first. */
            messages: components["schemas"]["ChatMessage"][];
            /** @description `assay`, `assay/extractive`, or the name of the model that is set up. */
            model: string;
            /** @description Whether to send the answer piece by piece. */
            stream?: boolean;
            stream_options?: components["schemas"]["StreamOptions"] | null;
        };
        /** @description A chat completion. */
        ChatCompletionResponse: {
            /** @description What kind of answer it is; not part of the OpenAI protocol. */
            assay: components["schemas"]["ChatExtension"];
            /** @description One choice. */
            choices: components["schemas"]["ChatChoice"][];
            /** @description What the answer rests on; not part of the OpenAI protocol. */
            citations: components["schemas"]["Citation"][];
            /**
             * Format: int64
             * @description Seconds since 1970.
             */
            created: number;
            /** @description Names this completion. */
            id: string;
            /** @description Who wrote it. */
            model: string;
            /** @description `chat.completion`. */
            object: string;
            /** @description Tokens. */
            usage: components["schemas"]["ChatUsage"];
        };
        /** @description The text of a message, whole or in parts. */
        ChatContent: string | components["schemas"]["ChatPart"][];
        /** @description What Assay says of an answer beyond the OpenAI protocol. */
        ChatExtension: {
            /** @description Claims of which sources say different things; their places count in the claims of the answer. */
            conflicts: components["schemas"]["Conflict"][];
            /** @description What the guard found in the question, in what a model read and in the answer. */
            guard?: components["schemas"]["GuardNote"][];
            /** @description What is missing, in words. */
            notices: string[];
            /** @description What the question can mean, when it has to be asked again. */
            readings: components["schemas"]["Reading"][];
            /** @description The question as it was understood by the conversation, where that differs. */
            rewritten_query?: string | null;
            /** @description What kind of answer it is. */
            state: components["schemas"]["AnswerState"];
        };
        /** @description One message. */
        ChatMessage: {
            /** @description The text. */
            content: components["schemas"]["ChatContent"];
            /** @description `system`, `user` or `assistant`. */
            role: string;
        };
        /** @description A part of a message. */
        ChatPart: {
            /** @description The text. */
            text?: string | null;
            /** @description `text` for a part that is read. */
            type: string;
        };
        /** @description Tokens of a completion. */
        ChatUsage: {
            /**
             * Format: int64
             * @description Written.
             */
            completion_tokens: number;
            /**
             * Format: int64
             * @description Read.
             */
            prompt_tokens: number;
            /**
             * Format: int64
             * @description Both.
             */
            total_tokens: number;
        };
        /** @description A place in a document that a claim rests on. */
        Citation: {
            attribution?: components["schemas"]["Attribution"] | null;
            /**
             * Format: float
             * @description Calibrated probability of support.
             */
            confidence: number;
            /** @description The document. */
            document_id: string;
            /** @description First character after it. */
            end: number;
            /** @description The `[n]` of the answer, counted from 1. */
            number: number;
            origin?: components["schemas"]["Origin"] | null;
            /**
             * Format: int32
             * @description The page or slide, counted from 1.
             */
            page?: number | null;
            /** @description The passage that holds the quote. */
            passage_id: string;
            /** @description `assay` for a file, else the public source. */
            provider?: string;
            /** @description The words of the document, unchanged. */
            quote: string;
            /** @description First character of the quote in the document's text. */
            start: number;
            /** @description Title of the document, or its name. */
            title: string;
            /** @description Where the document came from. */
            url: string;
            /** @description Verdict of the quote alone on the claim that cites it first. */
            verdict: string;
            /**
             * @description The version whose text the offsets count in; of a public page, what
             *     `/v1/web/texts/{version_id}` shows.
             */
            version_id: string;
        };
        /** @description A source that the caller brings. */
        CitationSource: {
            /** @description When the address was read; the day of the request when absent. */
            accessed_at?: string | null;
            /** @description `public`, `paywall` or `login_required`, when the caller knows; it is handed on. */
            accessibility?: string | null;
            /** @description Authors in one text, parted by `;` or `and`. */
            author?: string | null;
            /** @description Authors, one each. */
            authors?: components["schemas"]["SourceAuthor"][];
            /** @description The journal or the web site that it is part of. */
            container?: string;
            /** @description The text; at most 200,000 characters. */
            content?: string | null;
            /** @description DOI. */
            doi?: string;
            /** @description Issue of the volume. */
            issue?: string;
            /** @description `webpage` (default), `article`, `book` or `report`. */
            kind?: string | null;
            /** @description Language tag; found from the text when absent. */
            language?: string | null;
            /** @description Pages, such as `45-67`. */
            pages?: string;
            /** @description Who provides it. */
            provider?: string;
            /** @description When it was published: `2020`, `2020-05`, `2020-05-03` or a time stamp. */
            published_at?: string | null;
            /** @description Publisher. */
            publisher?: string;
            /** @description The text, under the name that older clients send. */
            snippet?: string | null;
            /** @description Title. */
            title?: string;
            /** @description Address. */
            url?: string;
            /** @description Volume of the journal. */
            volume?: string;
        };
        /** @description A text and the sources it should rest on. */
        CitationsRequest: {
            /** @description Where the claims are, in reading order; without it the text is split into claims. */
            claims?: components["schemas"]["ClaimRange"][] | null;
            /**
             * @description Marks in `cited_text`: `numbers` (default) for `[n]`, or `style` for the way that APA, MLA
             *     and Chicago refer to a source, such as `(Smith, 2020)`.
             */
            marks?: string | null;
            /** @description The sources; at most 50. */
            sources: components["schemas"]["CitationSource"][];
            /**
             * @description Form of `bibliography`: `markdown` (default), `bibtex`, `ris`, `apa`, `mla`, `chicago`,
             *     `ieee` or `csl-json`.
             */
            style?: string | null;
            /** @description The text; at most 20,000 characters. */
            text: string;
        };
        /** @description The text with its claims judged. */
        CitationsResponse: {
            /** @description The sources that are cited, in the style that was asked for. */
            bibliography: string;
            /** @description The sources that are cited, in the order of the list. */
            bibliography_entries: components["schemas"]["BibliographyEntry"][];
            /** @description The form of `bibliography`. */
            bibliography_style: string;
            /** @description What supports or contradicts them. */
            citations: components["schemas"]["SourceCitation"][];
            /** @description The text with a mark at every claim that a source supports; all else is as given. */
            cited_text: string;
            /** @description The claims, with offsets in `text`. */
            claims: components["schemas"]["Claim"][];
            /** @description Confidence of each claim, in order. */
            confidence_scores: number[];
            /**
             * Format: float
             * @description Share of the claims that a source supports, from 0 to 1.
             */
            coverage: number;
            /** @description Claims that one source supports and another contradicts. */
            disagreements: components["schemas"]["SourceDisagreement"][];
            /** @description What is missing and what to know, in words; empty when there is nothing. */
            notices: string[];
            /**
             * Format: float
             * @description Their mean; 0 without claims.
             */
            overall_confidence: number;
            /**
             * Format: double
             * @description Milliseconds inside the server.
             */
            processing_time_ms: number;
            /** @description `success`, or `partial` when claims or sources were left out for lack of time. */
            status: string;
            /** @description The claims counted by verdict. */
            summary: components["schemas"]["ClaimSummary"];
            /** @description The text as given. */
            text: string;
            /** @description Places of the sources that no claim cites, counted from 0. */
            uncited_sources: number[];
            /** @description Whether it took under 2 s. */
            within_budget: boolean;
        };
        /** @description A checkable part of an answer: a sentence, a half of one, an item of a list, a row of a table. */
        Claim: {
            /** @description Numbers of the citations it rests on; at most three. */
            citations: number[];
            /**
             * Format: float
             * @description Calibrated probability that the evidence supports it.
             */
            confidence: number;
            /** @description The first character after it. */
            end: number;
            /** @description Its first character in `final_answer.answer`. */
            start: number;
            /** @description Its words. */
            text: string;
            /** @description `supported`, `partial`, `contradicted` or `unsupported`. */
            verdict: string;
        };
        /** @description Where a claim stands in the text. */
        ClaimRange: {
            /** @description The first character after it. */
            end: number;
            /** @description Its first character. */
            start: number;
        };
        /** @description Claims by verdict. */
        ClaimSummary: {
            /** @description Contradicted by a source, supported by none. */
            contradicted: number;
            /** @description Supported in part. */
            partial: number;
            /** @description Supported. */
            supported: number;
            /** @description All that were found. */
            total: number;
            /** @description Left out for lack of time. */
            unchecked: number;
            /** @description Not in the sources. */
            unsupported: number;
        };
        /** @description What to change of a collection; what is absent stays. */
        CollectionChange: {
            /**
             * @description Its new name.
             * @default null
             */
            name: string | null;
            /** @default null */
            settings: components["schemas"]["CollectionSettings"] | null;
        };
        /** @description All collections. */
        CollectionListResponse: {
            /** @description By name. */
            collections: components["schemas"]["CollectionResponse"][];
        };
        /** @description A collection to make. */
        CollectionRequest: {
            access?: components["schemas"]["AccessRequest"] | null;
            /** @description Its name: at most 128 bytes, unique. */
            name: string;
            /** @description What differs from the installation. */
            settings?: components["schemas"]["CollectionSettings"];
        };
        /** @description A named set of documents. */
        CollectionResponse: {
            /** @description When it was created. */
            created_at: string;
            /**
             * Format: int64
             * @description Documents in it.
             */
            documents: number;
            /** @description Its name. */
            name: string;
            /** @description What differs from the installation. */
            settings: components["schemas"]["CollectionSettings"];
        };
        /** @description Settings of a collection that differ from those of the installation. */
        CollectionSettings: {
            /**
             * @description Tokens that a passage aims at, 20 to 2,000.
             * @default null
             */
            passage_tokens: number | null;
            /**
             * @description How its documents are weighed in searches.
             * @default {}
             */
            search: components["schemas"]["SearchWeights"];
        };
        /** @description How far a promise is kept. */
        Compliance: {
            /**
             * Format: double
             * @description Share of the measurements that keep it; none without measurements. It rises when things get
             *     better, for an error rate too.
             */
            compliance_rate?: number | null;
            /**
             * Format: int64
             * @description Those that keep it.
             */
            compliant_measurements: number;
            /** @description Percentiles of a latency in milliseconds; empty for a rate. */
            percentiles: {
                [key: string]: number | null;
            };
            /** @description `compliant` from 95 % on, `degraded` from 90 % on, `failing` below, or `no_data`. */
            status: string;
            /**
             * Format: double
             * @description What is promised: milliseconds for a latency, a share for a rate.
             */
            target: number;
            /**
             * Format: int64
             * @description Measurements.
             */
            total_measurements: number;
        };
        /** @description A claim of which sources say different things. */
        Conflict: {
            /** @description Place of the claim in `claims`, from 0. */
            claim: number;
            /** @description What the sources say, newest first. */
            sides: components["schemas"]["ConflictSide"][];
        };
        /** @description What one source says where sources differ. */
        ConflictSide: {
            /** @description The number of the citation that holds its words. */
            citation: number;
            /** @description The date of the document, in ISO 8601 with the precision that is known. */
            date: string;
            /** @description `metadata`, or `received` for a document that does not date itself. */
            date_source: string;
            /** @description The document. */
            document_id: string;
            /** @description The words of the document, unchanged. */
            quote: string;
            /** @description `supports` or `contradicts` the claim. */
            stance: string;
            /** @description Title of the document, or its name. */
            title: string;
        };
        /** @description The cost in short. */
        CostSummary: {
            /**
             * Format: int64
             * @description Share of this month's calls that cost nothing, 0 to 100; none before the first call.
             */
            cost_efficiency_score?: number | null;
            /**
             * @description This month: `api_calls_total`, `api_calls_<provider>`, `estimated_cost_usd`,
             *     `tokens_consumed`.
             */
            current_metrics: {
                [key: string]: components["schemas"]["Exact"];
            };
            /** @description What a day costs when it goes on as in the last hour. */
            daily_projection_usd: components["schemas"]["Exact"];
            /** @description What the last hour cost. */
            hourly_cost_usd: components["schemas"]["Exact"];
            /** @description What thirty days cost when it goes on as in the last hour. */
            monthly_projection_usd: components["schemas"]["Exact"];
            /** @description What could be done. */
            optimization_recommendations: string[];
        };
        /** @description One part that serving needs. */
        Dependency: {
            /** @description What is wrong and what to do. */
            error_message?: string | null;
            /**
             * @description `records`, `index`, `tasks`, `disk`, `embedding_model`, `text_recognition`, `writer_model`,
             *     `web` (the public sources) or `lanes`.
             */
            name: string;
            /**
             * Format: double
             * @description How long the check took.
             */
            response_time_ms: number;
            /** @description `ready`, `degraded`, `absent` or `failed`. */
            status: string;
        };
        /** @description What one source says. */
        DisagreementSide: {
            /** @description The number of the source in the bibliography. */
            number: number;
            /** @description When it was published; absent when unknown. */
            published_at?: string | null;
            /** @description The words that say so, unchanged. */
            quote: string;
            /** @description Place of the source in the request. */
            source_index: number;
            /** @description Title. */
            title: string;
        };
        /** @description What choosing for variety made of a result. */
        Diversification: {
            /**
             * Format: float
             * @description Its score over the best one's.
             */
            relevance: number;
            /**
             * Format: float
             * @description `lambda * relevance - (1 - lambda) * similarity`.
             */
            score: number;
            /**
             * Format: float
             * @description The largest share of words in common with a result before it.
             */
            similarity: number;
        };
        /** @description What to change of a document; what is absent stays. */
        DocumentChange: {
            /**
             * @description Name of the collection to move it to, with all that came out of it.
             * @default null
             */
            collection: string | null;
            /**
             * @description What is told of it, all of it: goes before what was found in the file. `title` is searched
             *     and shown.
             */
            metadata?: Record<string, never> | null;
            /**
             * @description Its tags, all of them.
             * @default null
             */
            tags: string[] | null;
        };
        /** @description A page of documents. */
        DocumentListResponse: {
            /** @description Those created last first. */
            documents: components["schemas"]["DocumentResponse"][];
            /** @description Give it as `after` for the next page; none at the end. */
            next?: string | null;
        };
        /** @description A part of a document that could not be read. */
        DocumentProblem: {
            /** @description The kind of problem. */
            code: string;
            /** @description What happened. */
            message: string;
            /**
             * Format: int32
             * @description The page, counted from 1.
             */
            page?: number | null;
        };
        /** @description A document and the state of its newest version. */
        DocumentResponse: {
            /** @description The collection it is in. */
            collection: string;
            /** @description Why it failed. */
            failure?: string | null;
            /** @description What the guard found in the newest version; left out of lists. */
            findings?: components["schemas"]["FindingCount"][];
            /** @description The document. */
            id: string;
            /** @description Type found by content. */
            media_type?: string | null;
            /**
             * @description What was found in the file (`authors`, `created`, `modified`, `keywords`, `language`, …) and,
             *     over it, what was told.
             */
            metadata?: Record<string, never>;
            /** @description File name. */
            name: string;
            /**
             * Format: int32
             * @description Pages, where the format has them.
             */
            pages?: number | null;
            /** @description The archive or mail that it came out of. */
            parent?: string | null;
            /**
             * Format: int64
             * @description Passages that can be found.
             */
            passages: number;
            /**
             * Format: int64
             * @description How many parts could not be read, while the rest was.
             */
            problem_count: number;
            /** @description Those parts; left out of lists. */
            problems?: components["schemas"]["DocumentProblem"][];
            /** @description When this version arrived. */
            received_at: string;
            /**
             * Format: int64
             * @description Bytes of the original.
             */
            size_bytes: number;
            /** @description Where it came from: the path or name that identifies it inside the collection. */
            source: string;
            /** @description `received`, `parsed`, `embedded`, `current` (searchable) or `failed`. */
            state: string;
            /** @description Its tags. */
            tags?: string[];
            /** @description Title found in the document. */
            title?: string | null;
            /** @description What was told alone. */
            told?: Record<string, never> | null;
            /** @description The newest version. */
            version_id: string;
        };
        /** @description Documents whose score is multiplied. */
        DocumentWeight: {
            /**
             * Format: float
             * @description By what, 0.1 to 10.
             */
            weight: number;
            /** @description Which ones: a condition as in `filter`, such as `domain = example.org`. */
            when: Record<string, never>;
        };
        /** @description Groups of documents that are nearly the same. Nothing is dropped: it is for a person to decide. */
        DuplicatesResponse: {
            /** @description Ids of documents, the largest group first. */
            groups: string[][];
        };
        /** @description One vector. */
        EmbeddingItem: {
            /** @description The vector. */
            embedding: components["schemas"]["EmbeddingValue"];
            /** @description Place of the text in the request. */
            index: number;
            /** @description `embedding`. */
            object: string;
        };
        /** @description A vector as numbers or as base64. */
        EmbeddingValue: number[] | string;
        /** @description One text or several. */
        EmbeddingsInput: string | string[];
        /** @description Texts to embed. */
        EmbeddingsRequest: {
            /** @description `float` (default) or `base64` (little-endian 32-bit floats). */
            encoding_format?: string | null;
            /** @description One text or up to 256. */
            input: components["schemas"]["EmbeddingsInput"];
            /** @description The name of the embedding model, or `assay`. */
            model: string;
        };
        /** @description Vectors, in the order of the texts. */
        EmbeddingsResponse: {
            /** @description The vectors. */
            data: components["schemas"]["EmbeddingItem"][];
            /** @description The model. */
            model: string;
            /** @description `list`. */
            object: string;
            /** @description Tokens. */
            usage: components["schemas"]["EmbeddingsUsage"];
        };
        /** @description Tokens of an embeddings call. */
        EmbeddingsUsage: {
            /**
             * Format: int64
             * @description Read.
             */
            prompt_tokens: number;
            /**
             * Format: int64
             * @description The same.
             */
            total_tokens: number;
        };
        /** @description The body of every answer whose status is not 2xx, but for the OpenAI paths. */
        ErrorBody: {
            /** @description The error. */
            error: components["schemas"]["ErrorDetail"];
        };
        /** @description What happened and what to do next. */
        ErrorDetail: {
            /** @description One of a closed set, such as `not_found`. */
            code: string;
            /** @description What to try next. */
            hint?: string | null;
            /** @description What failed, for which thing. */
            message: string;
            /** @description Names this request in the log. */
            request_id: string;
        };
        /**
         * Format: double
         * @description A number that keeps its digits: written as a JSON number, read from one or from a text.
         */
        Exact: number;
        /** @description Where the score of a result comes from. */
        Explanation: {
            /**
             * Format: float
             * @description The fused score of the multiplied ones; `fused` when there is no boost.
             */
            boosted: number;
            /** @description What the scores of both lanes were multiplied by before they were normalised. */
            boosts: components["schemas"]["Boost"][];
            diversification?: components["schemas"]["Diversification"] | null;
            /**
             * Format: float
             * @description `(1 - vector_weight) * keyword_normalized + vector_weight * vector_normalized`.
             */
            fused: number;
            /**
             * Format: float
             * @description The keyword score between the lowest (0) and the best (1) hit of its lane.
             */
            keyword_normalized: number;
            /**
             * Format: int32
             * @description Its place in the keyword lane, from 1.
             */
            keyword_rank?: number | null;
            /** @description Its place among the results, from 1. */
            rank_after: number;
            /** @description Its place by the fused score alone, from 1. */
            rank_before: number;
            /**
             * Format: float
             * @description The reranker's judgement times the boosts, which took the place of the fused score in the
             *     mode `reranked`.
             */
            reranked?: number | null;
            /**
             * Format: float
             * @description What that was divided by so that no score passes 1.
             */
            scale: number;
            /** @description What each term of the query added to the keyword score. */
            terms: components["schemas"]["TermScore"][];
            /**
             * Format: float
             * @description The vector score between the lowest (0) and the best (1) hit of its lane.
             */
            vector_normalized: number;
            /**
             * Format: int32
             * @description Its place in the vector lane, from 1.
             */
            vector_rank?: number | null;
            /**
             * Format: float
             * @description Share of the vector score; the keyword score has the rest.
             */
            vector_weight: number;
        };
        /** @description How often the values of a field occur among the documents found. */
        Facet: {
            /**
             * Format: int64
             * @description Different values, those not shown included.
             */
            distinct_values: number;
            /**
             * Format: int64
             * @description Documents that were counted.
             */
            total_docs: number;
            /** @description The most frequent first. */
            values: components["schemas"]["FacetValue"][];
        };
        /** @description One value of a facet. */
        FacetValue: {
            /**
             * Format: int64
             * @description Documents that have it.
             */
            count: number;
            /**
             * Format: double
             * @description Their share of the documents counted, in percent.
             */
            percentage: number;
            /** @description The value. */
            value: string;
        };
        /** @description Whether a result was useful. */
        FeedbackRequest: {
            /** @description The document that was found. */
            document_id?: string | null;
            /** @description The passage that was found; this or `document_id`. */
            passage_id?: string | null;
            /** @description The query, as it was asked. */
            query: string;
            /** @description Whether it was useful for the query. */
            useful: boolean;
        };
        /** @description A judgement that was recorded. */
        FeedbackResponse: {
            /** @description The document that it is about. */
            document_id: string;
            /** @description The query. */
            query: string;
            /** @description Whether it was useful. */
            useful: boolean;
        };
        /** @description The text of an answer and who wrote it. */
        FinalAnswer: {
            /** @description The sentences, each followed by the numbers of its citations. */
            answer: string;
            /**
             * Format: float
             * @description Probability that every sentence shown is supported: the least of the claims'.
             */
            confidence: number;
            /** @description `assay/extractive` or the model's name. */
            model_used: string;
            /** @description `assay` when it was extracted, else the host of the model. */
            provider_used: string;
            /** @description Which kinds of source took part. */
            sources_used: components["schemas"]["SourcesUsed"];
        };
        /** @description How often the guard found something in a document. */
        FindingCount: {
            /**
             * Format: int64
             * @description How often.
             */
            count: number;
            /** @description What it is. */
            kind: string;
            /** @description How bad it is. */
            severity: string;
        };
        /** @description A change of who is in a group. */
        GroupChange: {
            /**
             * @description Names or ids of members of the tenant who come into it.
             * @default []
             */
            add: string[];
            /**
             * @description Names or ids of those who leave it.
             * @default []
             */
            remove: string[];
        };
        /** @description The groups of a tenant. */
        GroupListResponse: {
            /** @description By name. */
            groups: components["schemas"]["GroupResponse"][];
        };
        /** @description A group to make. */
        GroupRequest: {
            /** @description Its name, unique in the tenant. */
            name: string;
        };
        /** @description A group. */
        GroupResponse: {
            /** @description When it was made. */
            created_at: string;
            /** @description Its id. */
            id: string;
            /**
             * Format: int64
             * @description How many are in it.
             */
            member_count: number;
            /** @description Who is in it, by name; left out in lists. */
            members?: components["schemas"]["NamedHolder"][] | null;
            /** @description Its name. */
            name: string;
        };
        /** @description An act of the guard, without the text that it was about. */
        GuardEvent: {
            /** @description `guard.blocked` or `guard.changed`. */
            action: string;
            /** @description Who came by it: `principal:` and an id, `local` or `unknown`. */
            actor: string;
            /** @description When, in UTC. */
            at: string;
            /** @description The rest of what the log says, where it counts what it left out. */
            detail: string;
            /** @description What it was, kind by kind. */
            findings: components["schemas"]["GuardEventFinding"][];
            /** @description Where, such as `question`. */
            place: string;
            /**
             * Format: int64
             * @description The entry of the audit log.
             */
            seq: number;
        };
        /** @description What was found of one kind. */
        GuardEventFinding: {
            /** @description What was done, such as `redact`. */
            action: string;
            /**
             * Format: int64
             * @description How many.
             */
            count: number;
            /** @description Such as `pii.email`. */
            kind: string;
        };
        /** @description What the guard blocked, and what of high severity it changed. */
        GuardEventsResponse: {
            /** @description The newest first. */
            events: components["schemas"]["GuardEvent"][];
        };
        /** @description Something that a rule found. */
        GuardFinding: {
            /** @description What the policy says: `flag`, `redact`, `pseudonymise` or `block`. */
            action: string;
            /** @description First character behind it. */
            end: number;
            /** @description What it is, such as `pii.email`. */
            kind: string;
            /** @description Why the rule exists. */
            reason: string;
            /** @description The rule. */
            rule: string;
            /** @description `low`, `medium`, `high` or `critical`. */
            severity: string;
            /** @description First character of the text as it was sent. */
            start: number;
        };
        /** @description What the guard found on the way of a request: kinds and numbers, never the text. */
        GuardNote: {
            /** @description What was done: `flag`, `redact`, `pseudonymise` or `block`. */
            action: string;
            /** @description How often. */
            count: number;
            /** @description What it is, such as `pii.email`. */
            kind: string;
            /** @description `question`, `document`, `web` or `answer`. */
            place: string;
            /** @description `low`, `medium`, `high` or `critical`. */
            severity: string;
        };
        /** @description A rule of the guard. */
        GuardRule: {
            /** @description What the policy says of its kind. */
            action: string;
            /** @description Texts in which it finds something. */
            examples: string[];
            /** @description Its name. */
            id: string;
            /** @description What it finds. */
            kind: string;
            /** @description Why it exists and what it checks. */
            reason: string;
            /** @description How bad it would be to let it pass. */
            severity: string;
        };
        /** @description The rules of the guard. */
        GuardRulesResponse: {
            /** @description The rules, those of the configuration last. */
            rules: components["schemas"]["GuardRule"][];
        };
        /** @description A text to look at. */
        GuardScanRequest: {
            /** @description Whether to give the text back as the policy lets it pass. */
            redact?: boolean;
            /**
             * @description `everything` (text that comes in), `outgoing` (the same without injections) or `secrets`;
             *     `everything` when absent.
             */
            scope?: string | null;
            /** @description The text; at most 2,000,000 bytes. */
            text: string;
        };
        /** @description What was found in a text. */
        GuardScanResponse: {
            /** @description Whether the policy forbids the text as a whole. */
            blocked: boolean;
            /** @description Findings in the order of the text. */
            findings: components["schemas"]["GuardFinding"][];
            /**
             * @description The text as the policy lets it pass; only when `redact` was asked for, and not of a text
             *     that is blocked.
             */
            text?: string | null;
        };
        /** @description That the process lives. */
        HealthResponse: {
            /** @description `healthy`. */
            status: string;
            /** @description Now. */
            timestamp: string;
            /**
             * Format: double
             * @description Seconds since start.
             */
            uptime_s: number;
            /** @description Version of Assay. */
            version: string;
        };
        /** @description The recent past of the server, point by point. */
        HistoryResponse: {
            /** @description Those of them that the server failed. */
            failures: (number | null)[];
            /** @description Memory of the process, in bytes. */
            memory_bytes: (number | null)[];
            /** @description Median time of requests at each, in milliseconds; none where nothing was measured. */
            p50_ms: (number | null)[];
            /** @description 95th percentile, in milliseconds. */
            p95_ms: (number | null)[];
            /** @description Requests a second. */
            requests: (number | null)[];
            /** @description The moments of the points, in seconds since 1970, the oldest first. */
            times: number[];
            /** @description `1h` or `24h`. */
            window: string;
        };
        /** @description Invitations of a tenant. */
        InvitationListResponse: {
            /** @description The newest first. */
            invitations: components["schemas"]["InvitationResponse"][];
        };
        /** @description A user who is invited. */
        InvitationRequest: {
            /**
             * Format: int32
             * @description Days for which it is good: 1 to 30, 7 when absent.
             */
            days?: number | null;
            /** @description The name that the user has or will have, such as an address of mail. */
            name: string;
            /** @description `owner`, `admin`, `member` or `guest`. */
            role: string;
        };
        /** @description An invitation, without its token. */
        InvitationResponse: {
            /** @description When it was made. */
            created_at: string;
            /** @description When it ends. */
            expires_at: string;
            /** @description Its id. */
            id: string;
            /** @description Who invited. */
            invited_by: string;
            /** @description The user who is invited. */
            name: string;
            /** @description The role that the user will have. */
            role: string;
            /** @description `pending`, `accepted`, `revoked` or `expired`. */
            state: string;
        };
        /** @description The document that a job works on. */
        JobDocument: {
            /** @description The document. */
            id: string;
            /** @description Its file name. */
            name: string;
        };
        /** @description A page of jobs. */
        JobListResponse: {
            /** @description Those accepted last first. */
            jobs: components["schemas"]["JobResponse"][];
            /** @description Give it as `after` for the next page; none at the end. */
            next?: string | null;
        };
        /** @description How far a job is. */
        JobProgress: {
            /**
             * Format: int64
             * @description Units done.
             */
            done: number;
            /** @description What is being done, such as `parsing page 3 of 120`. */
            message: string;
            /**
             * Format: int64
             * @description Units in all, where known.
             */
            total?: number | null;
        };
        /** @description The state of a piece of background work. */
        JobResponse: {
            /**
             * Format: int32
             * @description Attempts so far.
             */
            attempts: number;
            /** @description When it last moved: it was taken, got further, ended. */
            changed_at: string;
            /** @description When it was accepted. */
            created_at: string;
            document?: components["schemas"]["JobDocument"] | null;
            /** @description Why it failed, or why the last attempt did. */
            error?: string | null;
            /** @description What to do about the failure. */
            hint?: string | null;
            /** @description The job. */
            id: string;
            /** @description What it does, such as `ingest`. */
            kind: string;
            progress?: components["schemas"]["JobProgress"] | null;
            /** @description What it gave. */
            result?: unknown;
            /** @description When it is tried again, while it waits after a failed attempt. */
            retry_at?: string | null;
            /** @description Whether it does not move on although it should. */
            stalled: boolean;
            /** @description Why it is stalled, and what to do. */
            stalled_reason?: string | null;
            /** @description `queued`, `running`, `done`, `failed` (it will not be tried again by itself) or `cancelled`. */
            state: string;
            /**
             * @description What is being done: `parsing`, `reading pages`, `embedding`, `publishing` or `cancelling`;
             *     the state where the job does not run.
             */
            step: string;
        };
        /** @description Keys of a tenant. */
        KeyListResponse: {
            /** @description The newest first. */
            keys: components["schemas"]["KeyResponse"][];
        };
        /** @description A measure. */
        KeyMetric: {
            /**
             * Format: double
             * @description Its value in the last minute: the median of a latency in milliseconds, or a share; none
             *     without measurements.
             */
            latest?: number | null;
            /** @description Percentiles of the last day, in milliseconds. */
            percentiles: {
                [key: string]: number | null;
            };
            /**
             * Format: double
             * @description What is promised.
             */
            sla_target: number;
            /** @description The same for each window: `1m`, `5m`, `1h`, `24h`. */
            windows: {
                [key: string]: components["schemas"]["MeasureWindow"];
            };
        };
        /** @description A key to make. */
        KeyRequest: {
            /** @description When it ends, in UTC; after `auth.key_days` when absent. */
            expires_at?: string | null;
            /** @description What it is for. */
            name: string;
            /** @description Permissions that it is narrowed to, such as `content.read`; all of the role when absent. */
            scopes?: string[] | null;
            /** @description The service that acts by it; the caller when absent. */
            service?: string | null;
        };
        /** @description A key, without its text. */
        KeyResponse: {
            /** @description When it was made. */
            created_at: string;
            /** @description When it ends. */
            expires_at?: string | null;
            /** @description Its public part. */
            id: string;
            /** @description What it is for. */
            name: string;
            /** @description Who acts by it. */
            principal: string;
            /** @description The key that it took the place of. */
            replaces?: string | null;
            /** @description When it was revoked. */
            revoked_at?: string | null;
            /** @description What it is narrowed to. */
            scopes?: string[] | null;
            /** @description When it was last used. */
            used_at?: string | null;
        };
        /** @description How a key is rotated. */
        KeyRotation: {
            /**
             * Format: int32
             * @description Seconds for which the old key stays good beside the new one; a day when absent.
             * @default null
             */
            overlap_seconds: number | null;
        };
        /** @description One lane, counted since start. */
        LaneMetrics: {
            /**
             * Format: double
             * @description Mean duration; none before the first.
             */
            avg_duration_ms?: number | null;
            /** @description Whether it is left out because it failed too often of late. */
            circuit_breaker_open: boolean;
            /**
             * Format: int64
             * @description Failed.
             */
            failure_count: number;
            /**
             * Format: int64
             * @description Left out by its breaker.
             */
            skipped_count: number;
            /**
             * Format: int64
             * @description Completed.
             */
            success_count: number;
            /**
             * Format: double
             * @description Share that completed of those that started; none before the first.
             */
            success_rate?: number | null;
            /**
             * Format: int64
             * @description Ran out of time.
             */
            timeout_count: number;
        };
        /** @description How the lanes have fared since start. */
        LaneMetricsResponse: {
            /** @description Requests and lanes, counted. */
            orchestration_metrics: components["schemas"]["OrchestrationMetrics"];
            /** @description `healthy`, `degraded` or `no_data`. */
            orchestrator_health: string;
            /** @description The same figures under the name that older checks read. */
            performance_summary: components["schemas"]["OrchestrationMetrics"];
            /** @description Each public source that is set up, counted since start. */
            web_providers: {
                [key: string]: components["schemas"]["ProviderMetrics"];
            };
        };
        /** @description How one lane fared. */
        LaneResult: {
            /**
             * Format: double
             * @description How long it took.
             */
            duration_ms: number;
            /** @description Why it failed or was skipped, or what of it is missing. */
            error?: string | null;
            /** @description Passages (or claims) it gave. */
            found: number;
            /** @description Whether what it gave is incomplete. */
            is_partial: boolean;
            /** @description Whether it completed. */
            is_successful: boolean;
            /** @description `keyword`, `vector`, `web`, `reranker`, `rewriter` or `writer`. */
            lane_name: string;
            /** @description How each public source fared; only in the lane `web`. */
            providers?: components["schemas"]["ProviderResult"][];
            /** @description `completed`, `timeout`, `failed` or `skipped`. */
            status: string;
            /**
             * Format: double
             * @description Its budget.
             */
            timeout_seconds: number;
        };
        /** @description Lanes by how they ended. */
        LaneSummary: {
            /** @description Failed or ran out of time. */
            failed_lanes: number;
            /** @description Gave a part. */
            partial_lanes: number;
            /** @description Completed. */
            successful_lanes: number;
            /** @description All that were started. */
            total_lanes: number;
        };
        /** @description The ways to log in. */
        LoginOptionsResponse: {
            /** @description Whether `POST /v1/login` takes a name and a password. */
            password: boolean;
            /** @description Who else logs users in. */
            providers: components["schemas"]["LoginProvider"][];
        };
        /** @description A provider of logins. */
        LoginProvider: {
            /** @description Its name in addresses. */
            name: string;
            /** @description What a person calls it. */
            title: string;
            /** @description Where a browser goes to log in; `?return_to=/page` says where it goes on. */
            url: string;
        };
        /** @description Name and password of a user. */
        LoginRequest: {
            /** @description The password. */
            password: string;
            /** @description The user. */
            user: string;
        };
        /** @description A login. Its tokens are in cookies that no script can read. */
        LoginResponse: {
            /** @description What requests that change something show in the header `x-csrf-token`. */
            csrf_token: string;
            /**
             * Format: int64
             * @description Seconds until the login has to be refreshed.
             */
            expires_in: number;
        };
        /** @description Who asks, for which tenant, and what may be done there. */
        MeResponse: {
            /** @description How it was known: `local`, or `key:` and the id of the key. */
            credential: string;
            /** @description What may be done. */
            permissions: string[];
            /** @description The principal. */
            principal: string;
            /** @description The role in the tenant. */
            role: string;
            /** @description The tenant. */
            tenant: string;
            /** @description Name of the tenant. */
            tenant_name: string;
            /** @description The tenants that a login can be used for, by name; each other kind of credential has one. */
            tenants?: components["schemas"]["OwnTenant"][];
        };
        /** @description A measure in one window. */
        MeasureWindow: {
            /**
             * Format: int64
             * @description Measurements.
             */
            count: number;
            /**
             * Format: double
             * @description Share of them that failed.
             */
            error_rate?: number | null;
            /**
             * Format: double
             * @description Median in milliseconds.
             */
            p50?: number | null;
            /**
             * Format: double
             * @description 95th percentile in milliseconds.
             */
            p95?: number | null;
            /**
             * Format: double
             * @description 99th percentile in milliseconds.
             */
            p99?: number | null;
        };
        /** @description The members of a tenant. */
        MemberListResponse: {
            /** @description By name. */
            members: components["schemas"]["MemberResponse"][];
        };
        /** @description A user who becomes a member, or gets another role. */
        MemberRequest: {
            /** @description `owner`, `admin`, `member` or `guest`. */
            role: string;
            /** @description Name of the user. */
            user: string;
        };
        /** @description A member of a tenant. */
        MemberResponse: {
            /** @description Id of the principal. */
            id: string;
            /** @description `user` or `service`. */
            kind: string;
            /** @description Its name. */
            name: string;
            /** @description Its role here. */
            role: string;
            /** @description Since when it is a member. */
            since: string;
        };
        /** @description An invitation that was just made. */
        MintedInvitationResponse: {
            /** @description What is known of it. */
            about: components["schemas"]["InvitationResponse"];
            /** @description The token, to be handed over. It is shown this once and is stored nowhere. */
            token: string;
        };
        /** @description A key that was just made. */
        MintedKeyResponse: {
            /** @description What is known of it. */
            about: components["schemas"]["KeyResponse"];
            /** @description The key itself. It is shown this once and is stored nowhere. */
            key: string;
        };
        /** @description A model that can be named. */
        ModelInfo: {
            /**
             * Format: int64
             * @description Seconds since 1970.
             */
            created: number;
            /** @description Its name. */
            id: string;
            /** @description `model`. */
            object: string;
            /** @description `assay` or the host of the provider. */
            owned_by: string;
        };
        /** @description The models that can be named. */
        ModelList: {
            /** @description The models. */
            data: components["schemas"]["ModelInfo"][];
            /** @description `list`. */
            object: string;
        };
        /** @description The figures under the names that older checks read. */
        Monitoring: {
            /** @description As in the summary. */
            active_alerts: components["schemas"]["ActiveAlert"][];
            /**
             * Format: int64
             * @description As in the summary.
             */
            cost_efficiency?: number | null;
            /**
             * Format: double
             * @description As in the summary.
             */
            health_score?: number | null;
            /** @description As in the summary. */
            sla_compliance: {
                [key: string]: components["schemas"]["Compliance"];
            };
        };
        /** @description What stands on an access list. */
        NamedHolder: {
            /** @description Its id. */
            id: string;
            /** @description Its name; absent when it is no longer there. */
            name?: string | null;
        };
        /** @description A document that is nearly the same as another. */
        NearDocument: {
            /** @description The document. */
            document_id: string;
            /** @description Its name. */
            name: string;
            /**
             * Format: float
             * @description Estimated share of common word sequences, 0 to 1.
             */
            similarity: number;
        };
        /** @description Documents that are nearly the same as one. */
        NearResponse: {
            /** @description The most similar first. */
            documents: components["schemas"]["NearDocument"][];
        };
        /** @description How an objective stands. */
        Objective: {
            /**
             * Format: double
             * @description Share of good events; none without events.
             */
            achieved?: number | null;
            /**
             * Format: int64
             * @description Those that were bad.
             */
            bad_events: number;
            /** @description How fast it goes. */
            burn_rates: components["schemas"]["BurnRate"][];
            /**
             * Format: double
             * @description Share of the error budget that is left, below zero when it is overdrawn.
             */
            error_budget_left?: number | null;
            /**
             * Format: int64
             * @description Events in these days, as far as they were counted.
             */
            events: number;
            /**
             * Format: double
             * @description Seconds until the budget is gone if it goes on as in the last hour.
             */
            exhausted_in_s?: number | null;
            /** @description Its name. */
            name: string;
            /** @description `met`, `at_risk` (a fifth of the budget is left, or it burns too fast), `missed` or `no_data`. */
            status: string;
            /** @description What is promised. */
            summary: string;
            /**
             * Format: double
             * @description Share of good events that is promised.
             */
            target: number;
            /**
             * Format: int32
             * @description Days over which.
             */
            window_days: number;
        };
        /** @description The body of an error on the OpenAI paths. */
        OpenAiErrorBody: {
            /** @description The error. */
            error: components["schemas"]["OpenAiErrorDetail"];
        };
        /** @description An error as clients of the OpenAI protocol expect it. */
        OpenAiErrorDetail: {
            /** @description One of the closed set of codes. */
            code?: string | null;
            /** @description What failed. */
            message: string;
            /** @description The parameter at fault, when it is one. */
            param?: string | null;
            /** @description `invalid_request_error` or `server_error`. */
            type: string;
        };
        /**
         * @description Whom something is open to.
         * @enum {string}
         */
        OpenTo: "inherited" | "everybody" | "listed";
        /** @description What people said of answers, those said last first. */
        OpinionListResponse: {
            /**
             * Format: int64
             * @description Give it as `before` for the next page; none at the end.
             */
            next?: number | null;
            /** @description The opinions of this page. */
            opinions: components["schemas"]["OpinionResponse"][];
        };
        /** @description What the one who asked says of an answer. */
        OpinionRequest: {
            /** @description Why, in up to 4,000 bytes. */
            comment?: string | null;
            /**
             * Format: int64
             * @description The message in the session, by its `number`.
             */
            message: number;
            /** @description Whether it helped. */
            useful: boolean;
        };
        /** @description What somebody said of an answer. */
        OpinionResponse: {
            /** @description Who said it; none when they have left. */
            by?: string | null;
            /** @description Why. */
            comment?: string | null;
            /** @description When it was said. */
            created_at: string;
            /**
             * Format: int64
             * @description The message in it.
             */
            message: number;
            /** @description The question that was answered. */
            query: string;
            /** @description The session. */
            session_id: string;
            /** @description What kind of answer it got, such as `supported`. */
            state: string;
            /** @description Whether it helped. */
            useful: boolean;
        };
        /** @description Requests and lanes, counted since start. */
        OrchestrationMetrics: {
            /** @description The breaker of each lane: `closed`, `open` or `half_open`. */
            circuit_breaker_states: {
                [key: string]: string;
            };
            /** @description The lanes that may start now. */
            enabled_lanes: string[];
            /**
             * Format: int64
             * @description With none.
             */
            failed_requests: number;
            /** @description By lane. */
            lane_metrics: {
                [key: string]: components["schemas"]["LaneMetrics"];
            };
            /**
             * Format: double
             * @description Share of partial requests; none before the first.
             */
            partial_rate?: number | null;
            /**
             * Format: int64
             * @description With some lanes completed.
             */
            partial_requests: number;
            /**
             * Format: double
             * @description Share of successful requests; none before the first.
             */
            success_rate?: number | null;
            /**
             * Format: int64
             * @description With every lane completed.
             */
            successful_requests: number;
            /**
             * Format: int64
             * @description Requests.
             */
            total_requests: number;
        };
        /** @description A place in the original file, for formats without pages. */
        Origin: {
            /** @enum {string} */
            kind: "cells";
            /** @description First and last cell: `B2:F14`, or `B2` for one. */
            range: string;
            /** @description The name of the sheet. */
            sheet: string;
        } | {
            /**
             * Format: int64
             * @description First byte after it.
             */
            end: number;
            /** @enum {string} */
            kind: "bytes";
            /**
             * Format: int64
             * @description First byte.
             */
            start: number;
        } | {
            /** @enum {string} */
            kind: "part";
            /** @description Its path inside the package. */
            path: string;
        };
        /** @description A tenant that the caller belongs to. */
        OwnTenant: {
            /** @description The tenant; give it as `x-tenant-id`. */
            id: string;
            /** @description Its name, which does as well. */
            name: string;
            /** @description The role there. */
            role: string;
        };
        /** @description Something that the guard found in a passage when it was taken in. */
        PassageFinding: {
            /** @description First character behind it. */
            end: number;
            /** @description What it is, such as `injection.override`. */
            kind: string;
            /** @description The rule; `GET /v1/guard/rules` says what it looks for. */
            rule: string;
            /** @description `low`, `medium`, `high` or `critical`. */
            severity: string;
            /** @description First character in the text of the passage. */
            start: number;
        };
        /** @description A password for a user. */
        PasswordRequest: {
            /** @description 12 to 1,024 bytes. */
            password: string;
        };
        /** @description How answers have fared, against what is promised. */
        PerformanceResponse: {
            /** @description The same figures under the names that older checks read. */
            monitoring: components["schemas"]["Monitoring"];
            /** @description All figures. */
            performance_summary: components["schemas"]["PerformanceSummary"];
            /** @description What to do about what is not as promised; empty when nothing is. */
            recommendations: string[];
            /** @description `healthy`, `degraded`, `failing`, or `no_data` before the first measurement. */
            status: string;
            /** @description When it was measured, in UTC. */
            timestamp: string;
        };
        /** @description All figures. */
        PerformanceSummary: {
            /** @description Rules that fire. */
            active_alerts: components["schemas"]["ActiveAlert"][];
            /** @description What calls to models cost the tenant of the caller. */
            cost_summary: components["schemas"]["CostSummary"];
            /**
             * Format: int64
             * @description Requests measured in the last day.
             */
            data_points_collected: number;
            /**
             * Format: double
             * @description 0 to 100: a hundred times the worst compliance rate; none before the first measurement.
             */
            health_score?: number | null;
            /** @description Each measure. */
            key_metrics: {
                [key: string]: components["schemas"]["KeyMetric"];
            };
            /** @description Measures. */
            metrics_tracked: number;
            /** @description Each promise, over the last day. */
            sla_compliance: {
                [key: string]: components["schemas"]["Compliance"];
            };
            /** @description When it was measured, in UTC. */
            timestamp: string;
        };
        /** @description A user or a service. */
        PrincipalResponse: {
            /** @description When it was made. */
            created_at: string;
            /** @description Since when it is shut out. */
            disabled_at?: string | null;
            /** @description Its id. */
            id: string;
            /** @description `user` or `service`. */
            kind: string;
            /** @description Its name. */
            name: string;
        };
        /** @description One public source, counted since start. */
        ProviderMetrics: {
            /**
             * Format: int64
             * @description Searches that were answered from memory.
             */
            cached_count: number;
            /** @description `closed`, `open` (it is left alone) or `half_open` (the next search tries it). */
            circuit_state: string;
            /**
             * Format: int64
             * @description Searches that failed.
             */
            failure_count: number;
            /** @description What it said when it last failed. */
            last_error?: string | null;
            /**
             * Format: double
             * @description Seconds for which it is left alone.
             */
            retry_after_s?: number | null;
            /**
             * Format: int64
             * @description Searches for which it was not asked.
             */
            skipped_count: number;
            /**
             * Format: int64
             * @description Searches that it answered.
             */
            success_count: number;
            /**
             * Format: double
             * @description Share that it answered of those that it was asked; none before the first.
             */
            success_rate?: number | null;
            /**
             * Format: int64
             * @description Searches for which its time ran out.
             */
            timeout_count: number;
        };
        /** @description How one public source fared. */
        ProviderResult: {
            /** @description Whether they were remembered from an earlier question. */
            cached: boolean;
            /**
             * Format: double
             * @description How long it took.
             */
            duration_ms: number;
            /** @description Why there are none. */
            error?: string | null;
            /** @description Pages it gave. */
            found: number;
            /** @description `wikipedia`, `stackoverflow`, `mdn` or `github`. */
            provider: string;
            /** @description `completed`, `timeout`, `failed` or `skipped`. */
            status: string;
        };
        /** @description One provider since start. */
        ProviderStats: {
            /**
             * Format: double
             * @description Dollars of an attempt on average; none while no price is known.
             */
            avg_cost_per_request?: number | null;
            /**
             * Format: double
             * @description Milliseconds of an attempt on average; none before the first.
             */
            avg_latency_ms?: number | null;
            /** @description `closed`, `open` or `half_open`: the worst of its targets. */
            circuit_state: string;
            /**
             * Format: int64
             * @description Failures since the last success.
             */
            consecutive_failures: number;
            /**
             * Format: int64
             * @description Attempts that ended in the present minute.
             */
            requests_this_minute: number;
            /**
             * Format: double
             * @description The share that was answered whole; none before the first.
             */
            success_rate?: number | null;
            /**
             * Format: int64
             * @description Tokens of the present minute.
             */
            tokens_this_minute: number;
            /**
             * Format: double
             * @description Dollars; none while no price is known.
             */
            total_cost?: number | null;
            /**
             * Format: int64
             * @description Attempts.
             */
            total_requests: number;
        };
        /** @description A question over the caller's own files, and public sources where they are set up. */
        QueryRequest: {
            /** @description Names of collections; all when empty. */
            collections?: string[];
            /** @description Ids of documents; all when empty. */
            documents?: string[];
            /** @description Only passages that a condition holds for, as in `/search`. */
            filter?: Record<string, never> | null;
            /** @description How the evidence is looked for: `hybrid` (default), `keyword`, `vector` or `reranked`. */
            mode?: string | null;
            /** @description The question; 1 to 1,000 characters. */
            query: string;
            /**
             * @description The session that the question belongs to: follow-up questions are understood by its history,
             *     and question and answer are kept in it.
             */
            session_id?: string | null;
            /**
             * @description What to look at: `all`, `files`, `web` (every public source that is set up), names of
             *     collections or of public sources. When empty: everything, or only files when `collections`
             *     or `documents` name some.
             */
            sources?: string[];
            /** @description Whether to send each claim when it was checked, as server-sent events. */
            stream?: boolean;
            /** @description What happens to a claim that its evidence does not support: `drop` (default) or `mark`. */
            unsupported?: string | null;
            /** @description `auto` (default: a model when one is set up), `model` or `extractive`. */
            writer?: string | null;
        };
        /** @description An answer whose every sentence was checked. */
        QueryResponse: {
            /** @description What the claims cite, numbered as in the answer's `[n]`. */
            citations: components["schemas"]["Citation"][];
            /** @description The sentences of the answer with their verdicts. */
            claims: components["schemas"]["Claim"][];
            /** @description Claims of which sources say different things. */
            conflicts: components["schemas"]["Conflict"][];
            /** @description The answer. */
            final_answer: components["schemas"]["FinalAnswer"];
            /** @description What the guard found in the question, in what a model read and in the answer. */
            guard?: components["schemas"]["GuardNote"][];
            /** @description How each lane fared, by its name. */
            lane_results: {
                [key: string]: components["schemas"]["LaneResult"];
            };
            /** @description The nearest passages when there is no answer. */
            nearest: components["schemas"]["SearchResult"][];
            /** @description What is missing, in words; empty when nothing is. */
            notices: string[];
            /** @description Whether something is missing because of time or a failure. */
            partial_results: boolean;
            /** @description The question. */
            query: string;
            /**
             * Format: double
             * @description The same, under the name that older clients read.
             */
            query_processing_time_ms: number;
            /** @description What the question can mean, when it has to be asked again. */
            readings: components["schemas"]["Reading"][];
            /** @description The question as it was understood by the conversation, where that differs from `query`. */
            rewritten_query?: string | null;
            /** @description The session that it belongs to. */
            session_id?: string | null;
            /** @description What kind of answer it is. */
            state: components["schemas"]["AnswerState"];
            /** @description Whether there is an answer. */
            success: boolean;
            /** @description The lanes counted. */
            summary: components["schemas"]["LaneSummary"];
            /** @description When it was answered. */
            timestamp: string;
            /**
             * Format: double
             * @description Milliseconds inside the server.
             */
            total_time_ms: number;
            /** @description Version of Assay. */
            version: string;
            /** @description Whether all was done inside the total budget. */
            within_budget: boolean;
        };
        /** @description Documents that are being read again. */
        ReadAgainResponse: {
            /**
             * Format: int64
             * @description How many were begun; each stays searchable as it is until its new version is ready.
             */
            begun: number;
        };
        /** @description Something that a run rests on and that changed. */
        ReadinessBasisChange: {
            /** @description What it is. */
            after: string;
            /** @description What it was; of a hash the first digits. */
            before: string;
            /** @description `profile`, `configuration`, `build` or `checklist`. */
            what: string;
        };
        /** @description What came of one check. */
        ReadinessCheck: {
            /** @description How it is decided: `automatic`, `static`, `drill`, `attested`; the first is the main way. */
            class: string[];
            /** @description The check, such as `HLT-01`. */
            id: string;
            /** @description What was wanted of it, and what came of that. */
            judged: components["schemas"]["ReadinessJudgement"][];
            /** @description Whether a blocker with this verdict leaves a deployment ready. */
            lets_through: boolean;
            /** @description What is missing for a decision. */
            need: string;
            /** @description What was seen. */
            observations: components["schemas"]["ReadinessObservation"][];
            /** @description Its verdicts in the runs of `history`, in their order; none where it was not asked. */
            past: (string | null)[];
            /** @description What to do where it does not hold. */
            remedy: string;
            /** @description Who may attest it; empty where nobody may. */
            role: string;
            /** @description The page that says more. */
            runbook: string;
            /** @description Why, in a line. */
            says: string;
            /**
             * Format: double
             * @description Seconds that its probes took.
             */
            seconds: number;
            /** @description Its part of the checklist. */
            section: string;
            /** @description `blocker`, `major` or `minor`. */
            severity: string;
            /** @description The lines of the source checklists. */
            sources: string;
            /** @description What must hold. */
            title: string;
            /** @description `pass`, `attested`, `waived`, `not_applicable`, `fail`, `inconclusive`, `stale` or `error`. */
            verdict: string;
            /** @description Whether it waits for the word of that role. */
            waits_for_person: boolean;
        };
        /** @description A check that two runs decide differently. */
        ReadinessCheckChange: {
            /** @description Its verdict in the later run. */
            after?: string | null;
            /** @description Its verdict in the earlier run. */
            before?: string | null;
            /** @description The check. */
            id: string;
            /** @description `worse`, `better`, `other`, `new` or `gone`. */
            kind: string;
            /** @description What must hold. */
            title: string;
        };
        /** @description What changed between two runs. */
        ReadinessDiffResponse: {
            /** @description What both rest on, where it differs. */
            basis: components["schemas"]["ReadinessBasisChange"][];
            /** @description Checks whose verdict changed, that came or that went: what got worse first. */
            checks: components["schemas"]["ReadinessCheckChange"][];
            /** @description The earlier run. */
            from: components["schemas"]["ReadinessRun"];
            /** @description Numbers that moved by more than a fifth. */
            moved: components["schemas"]["ReadinessMove"][];
            /** @description The later run. */
            to: components["schemas"]["ReadinessRun"];
        };
        /** @description What came of one expectation. */
        ReadinessJudgement: {
            /** @description What is missing for a decision. */
            need: string;
            /** @description The observation that it is about. */
            of: string;
            /** @description What was seen and what was wanted, in a line. */
            says: string;
            /** @description `pass`, `fail`, `inconclusive` or `error`. */
            verdict: string;
        };
        /** @description A number that moved. */
        ReadinessMove: {
            /**
             * Format: double
             * @description What it is.
             */
            after: number;
            /**
             * Format: double
             * @description What it was.
             */
            before: number;
            /** @description The check. */
            id: string;
            /** @description The observation. */
            name: string;
            /** @description Its unit. */
            unit: string;
        };
        /** @description One thing that a probe has seen. */
        ReadinessObservation: {
            /**
             * Format: double
             * @description Days since it was seen, where that was not during the run.
             */
            age_days?: number | null;
            /** @description The file of the run's folder that it was read from, by its SHA-256; empty where there is none. */
            artefact: string;
            /** @description Its name within the check. */
            name: string;
            /** @description The first 200 measurements, where each was kept by itself. */
            samples: number[];
            /**
             * Format: int64
             * @description How many tries the value rests on.
             */
            size: number;
            /** @description Unit of the value, such as `ms`; empty where there is none. */
            unit: string;
            /** @description What was seen, in short. */
            value: string;
            /**
             * Format: double
             * @description Seconds that the value speaks of; absent where it is of a moment.
             */
            window_seconds?: number | null;
        };
        /** @description What came of a run. */
        ReadinessRun: {
            /** @description Checks that apply. */
            asked: number;
            /** @description Blockers that keep it from being ready. */
            blockers: number;
            /** @description SHA-256 of the program that examined. */
            build: string;
            /** @description SHA-256 of the checks and profiles. */
            checklist: string;
            /** @description SHA-256 of the configuration; empty when it was not known. */
            config: string;
            /** @description Those of them that were decided, one way or the other. */
            decided: number;
            /** @description Its name, which rises with time. */
            id: string;
            /** @description Major checks that are open. */
            major: number;
            /** @description Minor checks that are open. */
            minor: number;
            /** @description What is wrong with the run as a whole: then it is not ready. */
            problems: string[];
            /** @description Which checks with which thresholds. */
            profile: string;
            /** @description Whether every blocker passes, is attested or is waived in date. */
            ready: boolean;
            /**
             * Format: double
             * @description How long it took.
             */
            seconds: number;
            /** @description The version that the server said it is. */
            server_version: string;
            /** @description When it began. */
            started_at: string;
            /** @description What was examined. */
            url: string;
        };
        /** @description Runs, the newest first. */
        ReadinessRunListResponse: {
            /** @description Give it as `before` for the next page; none at the end. */
            next?: string | null;
            /** @description The runs of this page that can be read. */
            runs: components["schemas"]["ReadinessRun"][];
            /** @description Those that cannot, each with the reason. */
            unreadable: components["schemas"]["ReadinessUnreadable"][];
        };
        /** @description A run with what it saw. */
        ReadinessRunResponse: {
            /** @description What came of each check: what keeps it from being ready first. */
            checks: components["schemas"]["ReadinessCheck"][];
            /**
             * @description What is not as it was written: a run, an artefact or a signature that was changed; empty when
             *     all is.
             */
            faults: string[];
            /** @description Up to 20 earlier runs of the same profile, the newest first. */
            history: components["schemas"]["ReadinessRun"][];
            /** @description What came of it. */
            run: components["schemas"]["ReadinessRun"];
            /** @description Who has signed it, as far as the signatures hold. */
            signed: components["schemas"]["ReadinessSignature"][];
        };
        /** @description A sign-off. */
        ReadinessSignature: {
            /** @description By whom. */
            by: string;
            /** @description As what. */
            role: string;
        };
        /** @description A run that cannot be read. */
        ReadinessUnreadable: {
            /** @description Its name. */
            id: string;
            /** @description Why. */
            why: string;
        };
        /** @description One of the things that a question can mean. */
        Reading: {
            /** @description The document that answers this reading; give it as `documents` to ask again. */
            document_id: string;
            /** @description What it is, in the words of the source. */
            label: string;
            /** @description Title of that document, or its name. */
            title: string;
        };
        /** @description Where a passage stands in the text of its version. */
        ReadingPassage: {
            /**
             * Format: int32
             * @description The first character after it.
             */
            end: number;
            /** @description The headings it stands under, outermost first. */
            heading_path: string[];
            /** @description The passage. */
            id: string;
            /**
             * Format: int32
             * @description The page it starts on, counted from 1.
             */
            page?: number | null;
            /**
             * Format: int32
             * @description Its first character in the text of the version.
             */
            start: number;
        };
        /** @description A part of the text of a document in its order. */
        ReadingResponse: {
            /** @description The document. */
            document_id: string;
            /**
             * Format: int32
             * @description The place of the first passage, from 0.
             */
            first: number;
            /** @description The passages, in the order of the text. */
            passages: components["schemas"]["ReadingPassage"][];
            /**
             * Format: int32
             * @description The first character of `text`, counted in the text of the version.
             */
            start: number;
            /** @description The text of the passages and what stands between them. */
            text: string;
            /**
             * Format: int32
             * @description Passages of the version.
             */
            total: number;
            /** @description The version whose text this is, and in which offsets count. */
            version_id: string;
            /** @description The versions of the document that are kept, the newest first. */
            versions: components["schemas"]["ReadingVersion"][];
        };
        /** @description A version of a document. */
        ReadingVersion: {
            /** @description When it arrived. */
            received_at: string;
            /**
             * Format: int64
             * @description Bytes of its original.
             */
            size_bytes: number;
            /** @description `received`, `parsed`, `embedded`, `current`, `failed` or `superseded`. */
            state: string;
            /** @description The version. */
            version_id: string;
        };
        /** @description Whether it can serve, part by part. */
        ReadyResponse: {
            /** @description The parts. */
            dependencies: components["schemas"]["Dependency"][];
            /** @description How many are not well. */
            error_count: number;
            /** @description `ready`, `degraded` (serves, with less) or `not_ready`. */
            status: string;
        };
        /** @description How newer documents come first: the score is multiplied by `1 + weight * 0.5^(age / half-life)`. */
        RecencyWeight: {
            /**
             * Format: float
             * @description Days after which half of the weight is left.
             */
            half_life_days: number;
            /**
             * Format: float
             * @description What a document of today gains, 0 to 10.
             */
            weight: number;
        };
        /** @description The ledger, counted again. */
        RecountResponse: {
            /**
             * Format: int64
             * @description Of these, those whose end is not known.
             */
            abandoned: number;
            /** @description Whether sums, budgets and prices agree with the entries. */
            agrees: boolean;
            /**
             * Format: int64
             * @description The same in billionths of a dollar.
             */
            cost_nano_usd: number;
            /** @description Dollars of all entries. */
            cost_usd: components["schemas"]["Exact"];
            /**
             * Format: int64
             * @description Entries.
             */
            entries: number;
            /** @description Where it does not agree, at most a hundred. */
            faults: string[];
        };
        /** @description A word of a query that no passage holds. */
        Respelled: {
            /** @description As asked, in lower case. */
            asked: string;
            /** @description The word of the passages that was taken in its place. */
            taken: string;
        };
        /** @description Where a request would go and why; nothing was sent. */
        RouteExplanation: {
            /**
             * Format: int32
             * @description Attempts that are made at most.
             */
            attempts_max: number;
            /** @description The model as it was asked for. */
            model: string;
            /** @description What the request needs of a model: `vision`, `tools`, `json`. */
            needs: string[];
            /**
             * Format: int64
             * @description Tokens of the request, estimated.
             */
            prompt_tokens: number;
            /** @description Why the first target is the first. */
            reasons: string[];
            /** @description The route, or `provider/model`, that the name stands for. */
            route: string;
            /** @description The targets that are left out. */
            skipped: components["schemas"]["SkippedTarget"][];
            /** @description The targets in the order in which they are tried. */
            targets: components["schemas"]["RouteTarget"][];
        };
        /** @description A target of a route as it stands. */
        RouteTarget: {
            /** @description `closed`, `open` (it is left alone) or `half_open` (the next call tries it). */
            circuit_state: string;
            /** @description Which key of the provider, counted from 0. */
            key: number;
            /**
             * Format: double
             * @description Milliseconds to an answer lately; none before the first.
             */
            latency_ms?: number | null;
            /** @description The model as the provider knows it. */
            model: string;
            /** @description The provider's name in the configuration. */
            provider: string;
            /** @description `free`, `cheap` or `strong`. */
            tier: string;
        };
        /** @description How requests to models have been routed since start. */
        RouterMetrics: {
            /** @description Whether breakers leave failing targets alone. */
            circuit_breaker_enabled: boolean;
            /** @description Whether any route tries free targets first. */
            free_first_enabled: boolean;
            /**
             * Format: double
             * @description The share of the remembered requests that free targets answered; none before the first.
             */
            free_share?: number | null;
            /** @description Each provider. */
            provider_stats: {
                [key: string]: components["schemas"]["ProviderStats"];
            };
            /** @description How often each reason decided among the remembered requests. */
            recent_routing_reasons: {
                [key: string]: number;
            };
            /** @description Requests that are remembered, at most 1,000. */
            telemetry_buffer_size: number;
            /**
             * Format: double
             * @description Dollars; none while no price is known.
             */
            total_cost?: number | null;
            /**
             * Format: int64
             * @description Attempts at all providers.
             */
            total_requests: number;
        };
        /** @description How requests to models have been routed since start. */
        RouterMetricsResponse: {
            /** @description The figures. */
            metrics: components["schemas"]["RouterMetrics"];
        };
        /** @description All schedules. */
        ScheduleListResponse: {
            /** @description By name. */
            schedules: components["schemas"]["ScheduleResponse"][];
        };
        /** @description A schedule to set up. */
        ScheduleRequest: {
            /**
             * @description When: minute, hour, day of month, month, day of week, as in `30 6 * * mon-fri`, or `@hourly`,
             *     `@daily`, `@weekly`, `@monthly`, `@yearly`.
             */
            cron: string;
            /** @description What is done each time: `sync`, `tidy` or `reindex`. */
            kind: string;
            /**
             * @description What becomes of times that passed while nothing ran: `once` (one task makes up for all, when
             *     absent) or `none`.
             */
            missed?: string | null;
            /** @description Its name, unique within the tenant. */
            name: string;
            /** @description What the kind has to know: `{"source": ID}` for `sync`. */
            payload?: unknown;
            /**
             * Format: int32
             * @description Higher goes first; 0 when absent.
             */
            priority?: number;
            /** @description The time zone, such as `Europe/Berlin`; `UTC` when absent. */
            zone?: string | null;
        };
        /** @description A schedule. */
        ScheduleResponse: {
            /** @description When it was set up. */
            created_at: string;
            /** @description When. */
            cron: string;
            /** @description The schedule. */
            id: string;
            /** @description What is done each time. */
            kind: string;
            /** @description When it last made a task. */
            last_at?: string | null;
            /** @description That task. */
            last_task?: string | null;
            /** @description `once` or `none`. */
            missed: string;
            /** @description Its name. */
            name: string;
            /** @description The next five times; none while it stands still. */
            next: string[];
            /** @description Whether it stands still. */
            paused: boolean;
            /** @description What the kind has to know. */
            payload: unknown;
            /**
             * Format: int32
             * @description Higher goes first.
             */
            priority: number;
            /** @description The time zone. */
            zone: string;
        };
        /** @description What to look for. */
        SearchRequest: {
            /** @description Names of collections; all when empty. */
            collections?: string[];
            /**
             * Format: float
             * @description How much relevance counts against variety, 0 to 1; 0.5 when absent.
             */
            diversification_lambda?: number | null;
            /** @description Ids of documents; all when empty. */
            documents?: string[];
            /** @description Whether each result tells where its score comes from. */
            explain?: boolean | null;
            /** @description Fields whose values are counted over the documents found, such as `tags`; at most 20. */
            facet_fields?: string[];
            /**
             * @description Only passages that a condition holds for: a text such as
             *     `tags in [a, b] and date >= 2020 and not language = de`, or the same as JSON
             *     (`{"and": [{"field": "tags", "op": "in", "value": ["a", "b"]}, …]}`).
             */
            filter?: Record<string, never> | null;
            /**
             * @description `document` (default): a result is a document, its best passage joined with neighbours that
             *     were found too, others of it in `more`. `passage`: a result is a passage.
             */
            group_by?: string | null;
            /** @description Results wanted, 1 to 50; 10 when absent. */
            limit?: number | null;
            /**
             * Format: float
             * @description Only results of at least this score, 0 to 1.
             */
            min_score?: number | null;
            /** @description `hybrid` (default), `keyword`, `vector` or `reranked`. */
            mode?: string | null;
            /** @description Results that are passed over; with `limit` at most 100. */
            offset?: number | null;
            /** @description The words or the question; 1 to 1,000 characters. */
            query: string;
            /**
             * @description What to look at: `all`, `files`, `web` (every public source that is set up), names of
             *     collections or of public sources (`wikipedia`, `stackoverflow`, `mdn`, `github`). When
             *     empty: everything, or only files when `collections` or `documents` name some.
             */
            sources?: string[];
            /** @description Values of each facet that are shown, 1 to 100; 10 when absent. */
            top_facet_values?: number | null;
            /** @description Whether results that repeat better ones step back. */
            use_diversification?: boolean | null;
            weights?: components["schemas"]["SearchWeights"] | null;
        };
        /** @description The passages found. */
        SearchResponse: {
            /** @description How often values occur, by field. */
            facets?: {
                [key: string]: components["schemas"]["Facet"];
            };
            /** @description What the guard found in the query. */
            guard?: components["schemas"]["GuardNote"][];
            /** @description Whether further results follow behind these. */
            has_more?: boolean;
            /** @description How each lane fared. */
            lanes: components["schemas"]["LaneResult"][];
            /** @description Documents that the filter holds for; absent without a filter. */
            matched_documents?: number | null;
            /** @description What the asker should know, such as a field of the filter that no document has. */
            notices?: string[];
            /** @description The query as it was understood. */
            query: string;
            /**
             * @description Words of the query that no passage holds, each with the word that was searched in its
             *     place: "did you mean".
             */
            respelled?: components["schemas"]["Respelled"][];
            /** @description Best first. */
            results: components["schemas"]["SearchResult"][];
            /**
             * Format: double
             * @description Milliseconds inside the server.
             */
            search_time_ms: number;
            /**
             * @description Collections that were asked for by name, and public sources that answered; files of all
             *     collections are not named.
             */
            sources_used: string[];
            /** @description `success`, or `partial` when a lane is missing. */
            status: string;
            /** @description When it was answered. */
            timestamp: string;
            /** @description Number of results here. */
            total_results: number;
            /** @description Whether every lane finished inside its budget. */
            within_budget: boolean;
        };
        /** @description One passage that was found. */
        SearchResult: {
            attribution?: components["schemas"]["Attribution"] | null;
            /**
             * Format: float
             * @description More than 1 for public sources that many people check.
             */
            credibility?: number;
            /**
             * Format: float
             * @description Less than 1 when more of the same public source stands above.
             */
            diversity?: number;
            /** @description The document. */
            document_id: string;
            /** @description First character after it. */
            end: number;
            explanation?: components["schemas"]["Explanation"] | null;
            /** @description What the guard found in the passage; none in public pages. */
            findings?: components["schemas"]["PassageFinding"][];
            /** @description Headings above the passage, outermost first. */
            heading_path: string[];
            /** @description Ids of the passages that were joined, in the order of the text; absent for one passage. */
            joined?: string[];
            /**
             * Format: float
             * @description Score in the keyword lane (BM25).
             */
            keyword_score?: number | null;
            /** @description Other passages of the same document that were found; at most three. */
            more?: components["schemas"]["SearchResult"][];
            origin?: components["schemas"]["Origin"] | null;
            /**
             * Format: int32
             * @description The page or slide, counted from 1.
             */
            page?: number | null;
            /** @description The passage. */
            passage_id: string;
            /** @description `assay` for a file, else the public source. */
            provider: string;
            /**
             * Format: float
             * @description More than 1 for public pages that changed in the last 30 days.
             */
            recency?: number;
            /**
             * Format: float
             * @description Of a file the fused score or that of the reranker, of a public page how well its words and
             *     meaning fit; 0 to 1, and comparable only inside one response and one kind. Public pages are
             *     ranked by the product of this and the next three.
             */
            relevance: number;
            /** @description The passage. */
            snippet: string;
            /** @description First character of the passage in the document's text. */
            start: number;
            /** @description When the public page was last changed; none for a file. */
            timestamp?: string | null;
            /** @description Title of the document, or its name. */
            title: string;
            /** @description Where the document came from. */
            url: string;
            /**
             * Format: float
             * @description Score in the vector lane (cosine).
             */
            vector_score?: number | null;
            /** @description The version whose text the offsets count in. */
            version_id: string;
        };
        /** @description How results are weighed. */
        SearchWeights: {
            /** @default null */
            recency: components["schemas"]["RecencyWeight"] | null;
            /**
             * Format: float
             * @description Share of the vector score in the fused score, 0 to 1; the keyword score has the rest.
             * @default null
             */
            vector_weight: number | null;
            /**
             * @description Documents that weigh more or less, such as sources of authority or kinds of files.
             * @default []
             */
            weights: components["schemas"]["DocumentWeight"][];
        };
        /** @description A service to make. */
        ServiceRequest: {
            /** @description Its name, unique in the tenant. */
            name: string;
        };
        /** @description A citation as a session keeps it. */
        SessionCitation: {
            /** @description The document. */
            document_id: string;
            /** @description The `[n]` of the answer. */
            number: number;
            /** @description The passage. */
            passage_id: string;
            /** @description The words of the document, unchanged. */
            quote: string;
            /** @description Title of the document, or its name. */
            title: string;
        };
        /** @description A session with its messages. */
        SessionDetailResponse: {
            /** @description Its last messages, oldest first; at most 100 are kept. */
            messages: components["schemas"]["SessionMessage"][];
            /** @description The session. */
            session: components["schemas"]["SessionResponse"];
        };
        /** @description The place in a session where the words of a search stand. */
        SessionExcerpt: {
            /**
             * Format: int64
             * @description The message, by its `number`.
             */
            message: number;
            /** @description Its words with what stands around them. */
            text: string;
        };
        /** @description Sessions, those made last first. */
        SessionListResponse: {
            /** @description Give it as `after` for the next page; none at the end. */
            next?: string | null;
            /** @description The sessions of this page. */
            sessions: components["schemas"]["SessionResponse"][];
        };
        /** @description A question of a session and its answer. */
        SessionMessage: {
            /** @description The answer. */
            answer: string;
            /** @description What the answer rests on. */
            citations: components["schemas"]["SessionCitation"][];
            /** @description When it was asked. */
            created_at: string;
            /**
             * @description Whether the answer is withheld, because it may hold words of documents that are closed to the
             *     reader.
             */
            is_closed?: boolean;
            /**
             * Format: int64
             * @description Its place in the session, from 1.
             */
            number: number;
            /** @description The question as asked. */
            query: string;
            /** @description The question as it was understood, where that differs. */
            rewritten_query?: string | null;
            /** @description What kind of answer it got. */
            state: components["schemas"]["AnswerState"];
        };
        /** @description A session to make. */
        SessionRequest: {
            /** @description What it is called; at most 256 bytes. */
            title?: string | null;
            /**
             * Format: int32
             * @description Minutes after its last use at which it expires, 1 to 10,080; 60 when absent.
             */
            ttl_minutes?: number | null;
        };
        /** @description A session without its messages. */
        SessionResponse: {
            /** @description When it was made. */
            created_at: string;
            /** @description When it expires unless it is used again. */
            expires_at: string;
            found?: components["schemas"]["SessionExcerpt"] | null;
            /** @description The session. */
            id: string;
            /**
             * Format: int32
             * @description Messages that are kept.
             */
            message_count: number;
            /** @description Since when the members of the tenant may read it; its owner alone when absent. */
            shared_at?: string | null;
            /** @description `active`, `inactive` (set aside) or `expired` (not used for too long). */
            state: string;
            /** @description What it is called. */
            title?: string | null;
            /**
             * Format: int32
             * @description Minutes after its last use at which it expires.
             */
            ttl_minutes: number;
            /** @description When it was used last. */
            used_at: string;
        };
        /** @description A setting of the running server. */
        Setting: {
            /** @description Its key, such as `server.port`. */
            key: string;
            /** @description Where that is: a file with its line, the name of a variable or of a flag; none for a default. */
            place?: string | null;
            /** @description `default`, `file`, `variable` or `flag`. */
            source: string;
            /** @description Its value; `set` in the place of a secret. */
            value: unknown;
        };
        /** @description The settings of the running server. */
        SettingListResponse: {
            /** @description By key. */
            settings: components["schemas"]["Setting"][];
        };
        /** @description A session that its owner opened to the tenant. */
        SharedSessionResponse: {
            /** @description Whether that is the caller. */
            is_own: boolean;
            /**
             * @description Its last messages, oldest first. The answer of one that may hold words of documents which are
             *     closed to the caller says so, and cites nothing.
             */
            messages: components["schemas"]["SessionMessage"][];
            /** @description Whose it is; none when they have left. */
            owner?: string | null;
            /** @description The session. */
            session: components["schemas"]["SessionResponse"];
        };
        /** @description A target that is left out. */
        SkippedTarget: components["schemas"]["RouteTarget"] & {
            /** @description `capability_required`, `circuit_breaker` or `policy_override`. */
            reason: string;
            /** @description The reason in words. */
            why: string;
        };
        /** @description Objectives and their error budgets. */
        SloResponse: {
            /** @description By name. */
            objectives: components["schemas"]["Objective"][];
        };
        /** @description An author of a source. */
        SourceAuthor: string | {
            /** @description Family name. */
            family: string;
            /** @description Given names or initials. */
            given?: string;
            /** @description `Jr.`, `III`. */
            suffix?: string;
        } | {
            /** @description Its name. */
            name: string;
        };
        /** @description A place in a source that the caller brought. */
        SourceCitation: {
            /** @description Place of the claim in `claims`, counted from 0. */
            claim_index: number;
            /** @description The claim. */
            claim_text: string;
            /**
             * Format: float
             * @description Calibrated probability of support.
             */
            confidence: number;
            /** @description `[n]` as it stands in the text. */
            marker: string;
            /** @description The number of its source in the text and the bibliography, counted from 1. */
            number: number;
            /** @description First character after it. */
            passage_end: number;
            /** @description First character of the snippet in the source's text. */
            passage_start: number;
            /** @description The words of the source, unchanged. */
            snippet: string;
            /** @description Place of the source in the request, counted from 0. */
            source_index: number;
            /** @description Provider of the source. */
            source_provider: string;
            /** @description Title of the source. */
            source_title: string;
            /** @description Address of the source. */
            source_url: string;
            /** @description When it was checked. */
            timestamp: string;
            /**
             * @description What the snippet alone says: `supported`, `partial`, `contradicted`, or `unsupported` where
             *     only several sentences together bear the claim out.
             */
            verdict: string;
        };
        /** @description A claim that sources disagree about. */
        SourceDisagreement: {
            /** @description Place of the claim in `claims`. */
            claim_index: number;
            /** @description The claim. */
            claim_text: string;
            /** @description The sources that contradict it. */
            contradicting: components["schemas"]["DisagreementSide"][];
            /**
             * @description What differs: `number`, `unit`, `date`, `name`, `negation`, `quantifier`,
             *     `comparative`, `modality`.
             */
            differs_in: string[];
            /**
             * @description `factual`, `temporal` (sources more than a year apart) or `interpretation` (they differ in
             *     how much they claim).
             */
            kind: string;
            /** @description `high` or `medium`. */
            severity: string;
            /** @description The sources that support the claim. */
            supporting: components["schemas"]["DisagreementSide"][];
        };
        /** @description All sources. */
        SourceListResponse: {
            /** @description By name. */
            sources: components["schemas"]["SourceResponse"][];
        };
        /** @description A source to set up. */
        SourceRequest: {
            /** @description Name of the collection, made when it does not exist; `default` when absent. */
            collection?: string | null;
            /**
             * Format: int64
             * @description Seconds between two runs, at least 10; none for runs on demand alone.
             */
            every_seconds?: number | null;
            /** @description Its name: at most 128 bytes, unique. */
            name: string;
            /**
             * @description `kind` (`folder`, `web`, `git`, `s3` or `imap`) and what belongs to it; see the guide on
             *     sources.
             */
            settings: Record<string, never>;
        };
        /** @description A source. */
        SourceResponse: {
            /** @description The collection that its documents go to. */
            collection: string;
            /** @description When it was set up. */
            created_at: string;
            /**
             * Format: int64
             * @description Seconds between two runs.
             */
            every_seconds?: number | null;
            /** @description The source. */
            id: string;
            /** @description What came of the last run: `seen`, `taken`, `removed`, `problem_count`, `problems`, `error`. */
            last_run?: Record<string, never> | null;
            /** @description Its name. */
            name: string;
            /** @description When it runs next. */
            next_run_at?: string | null;
            /** @description Its settings; secrets are left out. */
            settings: Record<string, never>;
        };
        /** @description A run that was started. */
        SourceRunResponse: {
            /** @description The job that carries it out. */
            job_id: string;
        };
        /** @description Which kinds of source took part in an answer. */
        SourcesUsed: {
            /** @description The knowledge graph. */
            kg: boolean;
            /** @description Keyword search. */
            retrieval: boolean;
            /** @description Vector search. */
            vector: boolean;
            /** @description Public sources. */
            web?: boolean;
        };
        /** @description What to send with a stream. */
        StreamOptions: {
            /** @description Whether a last chunk holds the usage. */
            include_usage?: boolean;
        };
        /** @description A task with what happened to it so far. */
        TaskDetailResponse: components["schemas"]["TaskResponse"] & {
            /** @description Runs that failed, took too long or lost their worker; the last fifty. */
            failures: components["schemas"]["TaskRunFailure"][];
            /** @description Finished steps, which do not run again; the first thousand. */
            steps: components["schemas"]["TaskStep"][];
        };
        /** @description Whether tasks are taken. */
        TaskDrainResponse: {
            /** @description Whether no further tasks are taken. */
            draining: boolean;
            /** @description Tasks that still run, those of all tenants together. */
            running: number;
        };
        /** @description A page of tasks. */
        TaskListResponse: {
            /** @description Give it as `after` for the next page; none at the end. */
            next?: string | null;
            /** @description Those made last first. */
            tasks: components["schemas"]["TaskResponse"][];
        };
        /** @description Which dead letters to replay. */
        TaskReplayRequest: {
            /**
             * @description Only this kind; all when absent.
             * @default null
             */
            kind: string | null;
        };
        /** @description What a replay did. */
        TaskReplayResponse: {
            /** @description Tasks that begin anew. */
            replayed: number;
        };
        /** @description A task to make. */
        TaskRequest: {
            /**
             * Format: int32
             * @description Failed runs before it is dead; 5 when absent.
             */
            attempts_max?: number | null;
            /** @description `sync`, `tidy` or `reindex`. */
            kind: string;
            /** @description What the kind has to know: `{"source": ID}` for `sync`. */
            payload?: unknown;
            /**
             * Format: int32
             * @description Higher goes first; 0 when absent.
             */
            priority?: number;
            /** @description Not before this time; at once when absent. */
            run_at?: string | null;
            /**
             * Format: int32
             * @description Seconds that a run may take; a longer one counts as failed. No limit when absent.
             */
            timeout_seconds?: number | null;
        };
        /** @description A task and where it stands. */
        TaskResponse: {
            /**
             * Format: int32
             * @description Failed runs so far.
             */
            attempts: number;
            /**
             * Format: int32
             * @description Failed runs before it is dead.
             */
            attempts_max: number;
            /** @description When it last moved. */
            changed_at: string;
            /**
             * Format: int32
             * @description Lost workers since the last finished step.
             */
            crashes: number;
            /** @description When it was made. */
            created_at: string;
            /** @description When it ended. */
            ended_at?: string | null;
            /** @description The last failure. */
            error?: string | null;
            /** @description The task. */
            id: string;
            /** @description What it does, such as `ingest`. */
            kind: string;
            /**
             * Format: int32
             * @description Higher goes first.
             */
            priority: number;
            progress?: components["schemas"]["JobProgress"] | null;
            /** @description The queue that it waits in. */
            queue: string;
            /** @description What it gave. */
            result?: unknown;
            /** @description It runs not before this time. */
            run_at: string;
            /** @description Why it does not move on, when it should. */
            stalled_reason?: string | null;
            /**
             * @description `ready` (waits for a worker), `delayed` (waits for its time), `running`, `done`, `dead` (failed
             *     too often or for good), `parked` (its worker was lost too often, or nobody knows its kind) or
             *     `cancelled`.
             */
            state: string;
            /**
             * Format: double
             * @description Seconds that a run may take; no limit when absent.
             */
            timeout_seconds?: number | null;
        };
        /** @description A run of a task that ended badly. */
        TaskRunFailure: {
            /** @description When it ended. */
            at: string;
            /** @description Why. */
            reason: string;
            /**
             * Format: int64
             * @description Its number among all runs of the task, from 1.
             */
            run: number;
        };
        /** @description A finished step of a task. */
        TaskStep: {
            /** @description When it was recorded. */
            at?: string | null;
            /** @description Its name within the task. */
            name: string;
        };
        /** @description A change of a tenant. */
        TenantChange: {
            /** @description Limits, by name, that become again what the configuration says for every tenant. */
            default_limits?: string[];
            limits?: components["schemas"]["TenantLimits"] | null;
            /** @description `active`, `trial`, `suspended` or `cancelled`; as it is when absent. */
            state?: string | null;
            /** @description When the trial ends, in UTC. */
            trial_ends_at?: string | null;
        };
        /** @description Limits of a tenant; 0 for none. */
        TenantLimits: {
            /**
             * Format: int64
             * @description Bytes of the originals of all versions that are kept.
             * @default null
             */
            bytes: number | null;
            /**
             * Format: int64
             * @description Documents, what came out of archives and mails included.
             * @default null
             */
            documents: number | null;
            /**
             * Format: int64
             * @description Members, services included.
             * @default null
             */
            members: number | null;
            /**
             * Format: int64
             * @description Questions a minute.
             * @default null
             */
            questions_per_minute: number | null;
            /**
             * Format: int64
             * @description Requests a minute; 0 for what the server sets for every tenant.
             * @default null
             */
            requests_per_minute: number | null;
        };
        /** @description All tenants. */
        TenantListResponse: {
            /** @description By name. */
            tenants: components["schemas"]["TenantResponse"][];
        };
        /** @description A tenant to make. */
        TenantRequest: {
            /** @description Its name: 1 to 63 of a-z, 0-9 and hyphens. */
            name: string;
            /** @description Name of the user who becomes its first owner. */
            owner?: string | null;
            /** @description When its trial ends, in UTC; no trial when absent. */
            trial_ends_at?: string | null;
        };
        /** @description A tenant. */
        TenantResponse: {
            /** @description When it was made. */
            created_at: string;
            /** @description Its id. */
            id: string;
            /** @description What it may have and do, where anything is limited. */
            limits: components["schemas"]["TenantLimits"];
            /** @description Its name. */
            name: string;
            /** @description `active`, `trial`, `suspended` or `cancelled`. */
            state: string;
            /** @description When its trial ends. */
            trial_ends_at?: string | null;
            usage?: components["schemas"]["TenantUsage"] | null;
        };
        /** @description How much a tenant has. */
        TenantUsage: {
            /**
             * Format: int64
             * @description Bytes of the originals of all versions that are kept.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Documents.
             */
            documents: number;
            /**
             * Format: int64
             * @description Members, services included.
             */
            members: number;
        };
        /** @description One term of a keyword score. */
        TermScore: {
            /**
             * Format: int32
             * @description How often the passage holds it.
             */
            frequency: number;
            /**
             * Format: float
             * @description What it added.
             */
            score: number;
            /** @description The term as it is indexed: the stem behind the code of its language, as in `de haus`. */
            term: string;
            /**
             * Format: float
             * @description The inverse document frequency of its word, times what the word counts: less than 1 for
             *     parts of a name that passages hold whole and for a word in place of a misspelt one.
             */
            weight: number;
        };
        /** @description How to tune a collection. */
        TuneRequest: {
            /**
             * @description Whether to set what is proposed.
             * @default false
             */
            apply: boolean;
        };
        /** @description What the judgements of a collection say of its weight. */
        TuneResponse: {
            /** @description Whether it was set. */
            applied: boolean;
            /** @description The collection. */
            collection: string;
            /**
             * Format: float
             * @description Share of the vector score now.
             */
            current: number;
            /** @description Judgements of them. */
            judgements: number;
            /**
             * Format: float
             * @description Share that is proposed; the present one when nothing speaks for another.
             */
            proposed: number;
            /** @description Queries that were asked again. */
            queries: number;
            /** @description Why it is proposed. */
            reason: string;
            /** @description What each weight was worth. */
            scores: components["schemas"]["WeightScore"][];
        };
        /** @description What became of an upload. */
        UploadResponse: {
            /** @description The document. */
            document_id: string;
            /** @description The work that makes it searchable; none when unchanged. */
            job_id?: string | null;
            /** @description `new`, `changed` (a new version of a known document) or `unchanged`. */
            outcome: string;
            /** @description The version that these bytes are. */
            version_id: string;
        };
        /** @description One group of calls. */
        UsageGroup: {
            /** @description Their sums. */
            sums: components["schemas"]["UsageSums"];
            /** @description What the calls of the group have in common; empty where they have none. */
            values: {
                [key: string]: string;
            };
        };
        /** @description What was used. */
        UsageResponse: {
            /** @description Calls under way. */
            calls_under_way: number;
            /** @description The cost in short, in the shape of system 0. */
            cost_summary: components["schemas"]["CostSummary"];
            /** @description From when. */
            from: string;
            /** @description The groups, the dearest first; by time where time alone tells them apart. */
            groups: components["schemas"]["UsageGroup"][];
            /** @description Whether there are more groups. */
            more: boolean;
            /** @description Dollars reserved for them. */
            reserved_usd: components["schemas"]["Exact"];
            /** @description Until when, not included. */
            to: string;
            /** @description All groups together. */
            total: components["schemas"]["UsageSums"];
        };
        /** @description Sums of calls. */
        UsageSums: {
            /**
             * Format: int64
             * @description Of these, those whose end is not known; they are charged in full.
             */
            abandoned_calls: number;
            /**
             * Format: int64
             * @description Of these, those that a cache answered.
             */
            cached_calls: number;
            /**
             * Format: int64
             * @description Calls, those that a cache answered included.
             */
            calls: number;
            /**
             * Format: int64
             * @description The same in billionths of a dollar.
             */
            cost_nano_usd: number;
            /** @description Dollars that it cost. */
            cost_usd: components["schemas"]["Exact"];
            /**
             * Format: int64
             * @description Of these, those that failed and cost nothing.
             */
            failed_calls: number;
            /**
             * Format: int64
             * @description Of these, those that were answered and cost nothing.
             */
            free_calls: number;
            /**
             * Format: int64
             * @description Tokens read.
             */
            input_tokens: number;
            /**
             * Format: int64
             * @description Tokens written.
             */
            output_tokens: number;
            /** @description Dollars that caches saved. */
            saved_usd: components["schemas"]["Exact"];
        };
        /** @description A change of a user. */
        UserChange: {
            /** @description Whether the user is shut out of everything. */
            disabled: boolean;
        };
        /** @description All users. */
        UserListResponse: {
            /** @description By name. */
            users: components["schemas"]["PrincipalResponse"][];
        };
        /** @description A user to make. */
        UserRequest: {
            /** @description The name, such as an address of mail; unique in the installation. */
            name: string;
        };
        /** @description How vector search has fared since start. */
        VectorMetricsResponse: {
            /** @description The cache of query embeddings. */
            cache_status: components["schemas"]["CacheStatus"];
            /** @description `healthy`, `degraded` or `no_data`. */
            health: string;
            /** @description The figures. */
            performance_metrics: components["schemas"]["VectorPerformance"];
            /** @description `ready` or `absent` (no embedding model). */
            status: string;
        };
        /** @description Figures of vector search since start. */
        VectorPerformance: {
            /**
             * Format: double
             * @description Mean time of a query embedding that was computed; none before the first.
             */
            avg_embedding_time_ms?: number | null;
            /**
             * Format: double
             * @description Mean time of a vector search; none before the first.
             */
            avg_search_time_ms?: number | null;
            /**
             * Format: double
             * @description Share of hits; none before the first query.
             */
            cache_hit_rate?: number | null;
            /**
             * Format: int64
             * @description Query embeddings found in the cache.
             */
            cache_hits: number;
            /**
             * Format: int64
             * @description Query embeddings computed.
             */
            cache_misses: number;
            /**
             * Format: int64
             * @description Queries.
             */
            total_queries: number;
            /** @description Whether warm-up is over. */
            warmup_completed: boolean;
        };
        /** @description Whether anything is still cold. */
        WarmupResponse: {
            /** @description Parts that are warm. */
            completed_tasks: number;
            /** @description Names of the parts that failed. */
            failed_task_names: string[];
            /** @description Parts that could not be warmed. */
            failed_tasks: number;
            /** @description Parts being warmed. */
            in_progress_tasks: number;
            /** @description Parts to warm. */
            total_tasks: number;
            /** @description Whether all is warm. */
            warmup_completed: boolean;
        };
        /** @description The text of a public page as it was shown, for a citation to be opened. */
        WebTextResponse: {
            /** @description Who wrote it and under which licence. */
            attribution: components["schemas"]["Attribution"];
            /** @description When the page was last changed, as far as the source says. */
            changed_at?: string | null;
            /** @description The page. */
            document_id: string;
            /** @description The public source. */
            provider: string;
            /** @description The text that offsets of citations count in. */
            text: string;
            /** @description Its title. */
            title: string;
            /** @description Its address. */
            url: string;
            /** @description This text of this page, as citations name it. */
            version_id: string;
        };
        /** @description All webhooks. */
        WebhookListResponse: {
            /** @description The oldest first. */
            webhooks: components["schemas"]["WebhookResponse"][];
        };
        /** @description A webhook to set up. */
        WebhookRequest: {
            /** @description Only tasks of these kinds; all when absent. */
            kinds?: string[];
            /** @description Only these ends: `done`, `dead`, `parked`, `cancelled`; all when absent. */
            states?: string[];
            /** @description Where to send. */
            url: string;
        };
        /** @description A webhook. */
        WebhookResponse: {
            /** @description When it was set up. */
            created_at: string;
            /** @description The webhook. */
            id: string;
            /** @description Only tasks of these kinds; all when empty. */
            kinds: string[];
            /** @description What its requests are signed with; shown once, when it is set up. */
            secret?: string | null;
            /** @description Only these ends; all when empty. */
            states: string[];
            /** @description Where it sends. */
            url: string;
        };
        /** @description What a weight was worth. */
        WeightScore: {
            /**
             * Format: double
             * @description Mean of `1 / rank` of what was useful and `-1 / rank` of what was not, -1 to 1.
             */
            score: number;
            /**
             * Format: float
             * @description Share of the vector score.
             */
            vector_weight: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
