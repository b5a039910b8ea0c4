"""What the pages say, in Chinese and in English; Chinese is the default."""

from __future__ import annotations

from warehouse.texts import Text

LANGUAGES = {"zh": "中文", "en": "English"}
DEFAULT_LANGUAGE = "zh"

TEXTS: dict[str, Text] = {
    "app.title": Text("医保数仓", "Medical-security warehouse"),
    "nav.leader": Text("领导", "Leader"),
    "nav.planner": Text("规划", "Planner"),
    "nav.statistician": Text("统计", "Statistician"),
    "nav.operator": Text("运维", "Operator"),
    "page.leader": Text("一页总览", "Overview"),
    "page.planner": Text("规划指标", "Plan targets"),
    "page.workbench": Text("查询与目录", "Query and catalogue"),
    "page.findings": Text("数据核查问题", "Data findings"),
    "page.dictionary": Text("数据字典", "Data dictionary"),
    "page.releases": Text("版本比较", "Compare releases"),
    "page.operations": Text("运行与发布", "Operations"),
    "sidebar.language": Text("语言", "Language"),
    "sidebar.local": Text(
        "本机单用户模式，只监听 127.0.0.1", "Single user on this machine; listens on 127.0.0.1 only"
    ),
    "sidebar.account": Text("{name}｜{role}｜{scope}", "{name} | {role} | {scope}"),
    "sidebar.password": Text("更改密码", "Change password"),
    "sidebar.logout": Text("退出登录", "Log out"),
    "login.title": Text("请登录", "Please log in"),
    "login.body": Text("没有登录，或登录已失效。", "You are not logged in, or the login has ended."),
    "login.link": Text("去登录", "Log in"),
    "empty.title": Text("还没有数据版本", "There is no release yet"),
    "empty.body": Text(
        "这里还没有数据版本。请由运维在终端运行下面的命令（主目录与 yibao serve 的相同），"
        "装载随附的公开数据并建成第一个数据版本，然后刷新本页。",
        "There is no release yet. The operator runs the command below in a terminal (with the home of yibao serve) "
        "to load the shipped published data and make the first release; then reload this page.",
    ),
    "error.title": Text("这一页暂时读不出来", "This page cannot be read now"),
    "error.body": Text(
        "读取数据版本时出错。刷新本页重试；若仍如此，请把下面的原因交给运维。",
        "Reading the release failed. Reload to try again; if it stays so, pass the reason to the operator.",
    ),
    "trust.release": Text("数据版本", "Release"),
    "trust.data_to": Text("数据截至", "Data to"),
    "trust.known_on": Text("知悉截至", "Known on"),
    "trust.findings": Text("数据核查问题", "Findings"),
    "trust.findings_value": Text("{count} 项", "{count}"),
    "trust.origin": Text("数据来源", "Origin"),
    "leader.region": Text("地区", "Region"),
    "leader.title": Text("{region}：{card} {values}", "{region}: {card} {values}"),
    "leader.title_empty": Text("{region}：没有可显示的指标", "{region}: no indicators to show"),
    "leader.seasonal": Text(
        "年初至今累计，居民缴费集中在四季度，不据此判断",
        "Year to date; residents pay in the fourth quarter, so no judgement",
    ),
    "leader.target": Text("规划目标 {target}", "Plan target {target}"),
    "leader.approximate": Text("约数，照原文", "Approximate, as printed"),
    "leader.bound": Text("只公布界限，照原文", "Only a bound is published, as printed"),
    "leader.plan_verdict": Text("规划判定：{verdict}", "Plan: {verdict}"),
    "leader.withheld": Text("人数或人次过少，不公布", "Withheld: too few persons or cases"),
    "leader.unconfirmed": Text("口径待确认", "Scope unconfirmed"),
    "leader.broken": Text("口径可能不同 注{note}", "Scope may differ, note {note}"),
    "leader.note": Text("注{note}", "Note {note}"),
    "leader.chart_card": Text("看哪一项的走势", "Trend of"),
    "leader.chart_title": Text("{region}{card}的走势（{unit}）", "{region}: {card} ({unit})"),
    "leader.chart_alt": Text(
        "{region}{card}折线图，{count} 个数值，{first}至{last}，单位{unit}",
        "Line chart of {card}, {region}: {count} values, {first} to {last}, in {unit}",
    ),
    "leader.chart_none": Text(
        "这一项只公布过界限，没有确数，不画走势；各期原文见下表。",
        "Only bounds have been published, no numbers, so no trend is drawn; their words are in the table.",
    ),
    "leader.chart_how": Text(
        "点是公布的数或由公布数按公式得出；线只连接同一险种、口径、报送状态且不跨断点的点；只公布界限的时期不画。",
        "Points are published or computed from published figures; a line joins only points of one scheme, "
        "scope and status, never across a break; periods with only a bound are not drawn.",
    ),
    "leader.computed": Text("按公式计算", "By formula"),
    "leader.break": Text("{date} 断点", "Break {date}"),
    "leader.drill": Text("各期数值", "Values by period"),
    "leader.export_cards": Text("六项指标", "Six indicators"),
    "leader.export_drill": Text("各期数值", "Values by period"),
    "definition.open": Text("定义与来源", "Definition and source"),
    "definition.metric": Text("指标", "Indicator"),
    "definition.definition": Text("定义", "Definition"),
    "definition.numerator": Text("分子", "Numerator"),
    "definition.denominator": Text("分母", "Denominator"),
    "definition.version": Text("定义版本", "Definition version"),
    "definition.variant": Text("变体", "Variant"),
    "definition.scope": Text("基金口径", "Fund scope"),
    "definition.owner": Text("责任处室", "Office"),
    "definition.source": Text("来源", "Source"),
    "definition.file": Text("文件与记录", "File and record"),
    "definition.record": Text("{file} 第 {record} 条记录", "{file}, record {record}"),
    "definition.batch": Text("批次", "Batch"),
    "definition.known_on": Text("知悉日期", "Known on"),
    "definition.release": Text("数据版本", "Release"),
    "definition.quality": Text("质量标记", "Quality"),
    "definition.origin": Text("数据来源", "Origin"),
    "definition.break": Text("序列断点", "Series break"),
    "definition.none": Text("不适用", "Not applicable"),
    "leader.origin": Text("数据来源", "Origin"),
    "leader.counties": Text("各市县", "Counties"),
    "leader.synthetic": Text(
        "以下为模拟数据，不是任何地方的实际情况，不得引用。",
        "The data below are synthetic: they describe no real place and must not be quoted.",
    ),
    "column.county": Text("市县", "County"),
    "column.last_year": Text("上年同期", "Last year"),
    "column.province": Text("全省", "Province"),
    "column.scheme": Text("险种", "Scheme"),
    "column.metric": Text("指标", "Indicator"),
    "column.period": Text("时期", "Period"),
    "column.value": Text("数值", "Value"),
    "column.status": Text("报送状态", "Status"),
    "column.scope": Text("口径", "Scope"),
    "column.quality": Text("质量标记", "Quality"),
    "column.source": Text("来源", "Source"),
    "column.record": Text("文件与记录", "File and record"),
    "planner.title": Text(
        "{targets} 项指标：{with_figures} 项已有基期后数据，{unclear} 项原表单元格不明",
        "{targets} targets: {with_figures} have figures since the base, {unclear} have unclear table cells",
    ),
    "planner.attribute": Text("属性", "Kind"),
    "planner.verdict": Text("判定", "Verdict"),
    "planner.all": Text("全部", "All"),
    "planner.shown": Text("显示 {shown} 项", "Showing {shown}"),
    "planner.row": Text("行", "Row"),
    "planner.name": Text("指标", "Indicator"),
    "planner.base": Text("基期 2020", "Base 2020"),
    "planner.target": Text("目标 2025", "Target 2025"),
    "planner.actual": Text("最新值", "Newest figure"),
    "planner.origin": Text("数据来源类型", "Origin"),
    "planner.elapsed": Text("时间进度", "Time elapsed"),
    "planner.progress": Text("完成进度", "Progress"),
    "planner.reason": Text("理由", "Reason"),
    "planner.owner": Text("责任处室", "Office"),
    "planner.detail": Text("逐行详情", "Row in detail"),
    "planner.none": Text("没有符合筛选条件的指标。", "No target fits the filters."),
    "planner.kind": Text("目标类型", "Kind of target"),
    "planner.category": Text("类别", "Category"),
    "planner.goal": Text("目标分组", "Goal"),
    "planner.raw_text": Text("原表文字（照印）", "Text of the table as printed"),
    "planner.document": Text("来源文件", "Document"),
    "planner.denominator": Text("分母口径", "Denominator"),
    "planner.tolerance": Text("容差说明", "Tolerance"),
    "planner.evidence": Text("旁证（仅供核对，不作数据）", "Side evidence (for checking only, not data)"),
    "planner.items": Text("任务与专栏", "Tasks and special columns"),
    "planner.tasks": Text("任务 T01–T27", "Tasks T01–T27"),
    "planner.columns": Text("专栏", "Special columns"),
    "planner.item_id": Text("编号", "No."),
    "planner.item_name": Text("名称", "Name"),
    "planner.item_kind": Text("类型", "Kind"),
    "planner.item_due": Text("期限", "Due"),
    "planner.item_indicators": Text("相关指标", "Related indicators"),
    "planner.export_board": Text("指标表", "Targets"),
    "planner.export_items": Text("任务与专栏", "Tasks and columns"),
    "planner.not_yet": Text("基期后未公布", "None since the base"),
    "planner.unclear": Text("原表单元格不明", "Cell of the table unclear"),
    "workbench.title": Text("在只读的数据版本上查询", "Query a read-only release"),
    "workbench.release": Text("数据版本", "Release"),
    "workbench.current": Text("{release}（正在服务）", "{release} (served now)"),
    "workbench.query": Text("查询", "Query"),
    "workbench.catalogue": Text("数据目录", "Catalogue"),
    "workbench.examples": Text("示例", "Examples"),
    "workbench.sql": Text("查询语句", "Query text"),
    "workbench.run": Text("运行", "Run"),
    "workbench.limits": Text(
        "每次查询在单独的进程里运行，最长 {seconds} 秒、{memory} MB 内存，结果最多 {rows} 行、{result} MB；"
        "每个账户一次一条；不能写入，不能读文件或网络。",
        "Each query runs in a process of its own, up to {seconds} s and {memory} MB, its result up to {rows} rows and "
        "{result} MB; one at a time for each account; no writing, no files.",
    ),
    "workbench.empty": Text("请先写一条查询。", "Write a query first."),
    "workbench.running": Text("正在查询…", "Running…"),
    "workbench.total": Text("共 {total} 行", "{total} rows"),
    "workbench.total_cut": Text(
        "共 {total} 行，显示前 {shown} 行；下载为全部",
        "{total} rows, the first {shown} shown; downloads hold all",
    ),
    "workbench.stale": Text("结果来自数据版本 {release}", "Result of release {release}"),
    "workbench.too_wide": Text(
        "结果太大，不能存为 XLSX（一张工作表）。", "The result is too large for XLSX (one sheet)."
    ),
    "workbench.search": Text("在表名、列名和说明中查找", "Search names and descriptions"),
    "workbench.tables": Text("{tables} 张表", "{tables} tables"),
    "workbench.no_table": Text("没有找到。换一个词试试。", "Nothing found. Try another word."),
    "workbench.table": Text("表", "Table"),
    "workbench.schema": Text("模式", "Schema"),
    "workbench.description": Text("说明", "Description"),
    "workbench.rows": Text("行数", "Rows"),
    "workbench.columns": Text("列数", "Columns"),
    "workbench.column": Text("列", "Column"),
    "workbench.type": Text("类型", "Type"),
    "workbench.nullable": Text("可为空", "May be empty"),
    "workbench.yes": Text("是", "yes"),
    "workbench.no": Text("否", "no"),
    "example.payable_months": Text("可支付月数及其分子分母", "Payable months with terms"),
    "example.enrolment": Text("全国参保人数", "National enrolment"),
    "example.registry": Text("指标登记", "Indicator registry"),
    "example.finding": Text("数据核查问题概况", "Findings in brief"),
    "findings.title": Text("{count} 项数据核查问题：{parts}", "{count} findings: {parts}"),
    "findings.title_none": Text("没有数据核查问题", "No findings"),
    "findings.part": Text("{word} {count} 项", "{count} × {word}"),
    "findings.severity": Text("严重程度", "Severity"),
    "findings.check": Text("检查类别", "Kind of check"),
    "findings.how": Text("怎样读应为、印为与差额", "How to read expected, found and difference"),
    "findings.how_body": Text(
        "**应为**：由同一来源的各项计算得出，或由另一来源给出的值。**印为**：来源印出的值。**差额＝应为－印为**，"
        "正数表示印出的值偏小。快报与公报不同的，应为一栏是快报、印为一栏是公报，差额＝快报－公报。三者都以屏幕单位显示；比例的差额为百分点。"
        "核查问题不改数：印出的数照登，问题列在这里，由人判断是修订、口径不同还是差错。",
        "**Expected**: computed from the terms of the same source, or given by another one. "
        "**Found**: as the source prints it. **Difference = expected − found**; positive means the printed "
        "value is smaller. Where a quick report and a bulletin differ, the first stands under expected, the second "
        "under found. All three are in the unit of the screen; differences of ratios are percentage "
        "points. A finding changes no number: the printed one stands, and people judge whether it is a "
        "revision, another scope or a mistake.",
    ),
    "print.footer": Text("医保数仓 · 数据版本 {release}", "Medical-security warehouse · release {release}"),
    "link.gone": Text(
        "链接里的“{given}”现在没有，改为显示“{shown}”。",
        "“{given}” of the link is no longer there; “{shown}” is shown instead.",
    ),
    "findings.quick": Text("快报", "Quick report"),
    "findings.bulletin": Text("公报", "Bulletin"),
    "findings.expected": Text("应为", "Expected"),
    "findings.found": Text("印为", "Found"),
    "findings.difference": Text("差额", "Difference"),
    "findings.where": Text("地区与险种", "Region and scheme"),
    "findings.cut": Text(
        "显示前 {shown} 项，共 {total} 项；导出为全部", "The first {shown} of {total}; exports hold all"
    ),
    "findings.points": Text("个百分点", "percentage points"),
    "dictionary.feed": Text("数据源", "Feed"),
    "dictionary.none": Text(
        "这个数据版本没有数据源说明。请用现在的软件重新建库并发布。",
        "This release describes no feeds. Build and release again with the present software.",
    ),
    "dictionary.title": Text(
        "{feed}：{columns} 列，{rules} 条规则，{findings} 项批次问题",
        "{feed}: {columns} columns, {rules} rules, {findings} delivery findings",
    ),
    "dictionary.name": Text("名称", "Name"),
    "dictionary.cadence": Text("交付周期", "Delivered"),
    "dictionary.newest": Text("最新交付", "Newest delivery"),
    "dictionary.batches": Text("已接收批次", "Batches accepted"),
    "dictionary.rows": Text("行数", "Rows"),
    "dictionary.rows_value": Text(
        "读入 {read}＝接收 {accepted}＋未接收 {refused}＋重复 {duplicate}",
        "{read} read = {accepted} accepted + {refused} kept out + {duplicate} duplicates",
    ),
    "dictionary.never": Text("尚未交付", "Nothing delivered yet"),
    "dictionary.columns": Text("列", "Columns"),
    "dictionary.codes": Text("代码", "Codes"),
    "dictionary.rules": Text("规则", "Rules"),
    "dictionary.findings": Text("批次问题", "Delivery findings"),
    "dictionary.column": Text("列名", "Column"),
    "dictionary.type": Text("类型", "Type"),
    "dictionary.key": Text("主键、必填", "Key, required"),
    "dictionary.is_key": Text("主键", "key"),
    "dictionary.is_required": Text("必填", "required"),
    "dictionary.allowed": Text("代码", "Codes"),
    "dictionary.unit": Text("单位", "Unit"),
    "dictionary.sensitivity": Text("敏感级别", "Sensitivity"),
    "dictionary.headers": Text("其他表头：{headers}", "Other headers: {headers}"),
    "dictionary.code_set": Text("代码表", "Code set"),
    "dictionary.code_set_option": Text(
        "{code_set} — {columns}（{codes} 个代码）", "{code_set} — {columns} ({codes} codes)"
    ),
    "dictionary.code": Text("代码", "Code"),
    "dictionary.valid": Text("有效期", "Valid"),
    "dictionary.valid_from": Text("{first} 起", "from {first}"),
    "dictionary.valid_between": Text("{first} 至 {last}", "{first} to {last}"),
    "dictionary.maps_to": Text("归入", "Counts as"),
    "dictionary.note": Text("说明", "Note"),
    "dictionary.no_codes": Text("这个数据源没有用代码表的列。", "No column of this feed uses a code set."),
    "dictionary.region_codes": Text(
        "行政区划代码以本仓的地区清单（reference.region）为准。",
        "Region codes are checked against the warehouse's list of regions (reference.region).",
    ),
    "dictionary.rule": Text("规则", "Rule"),
    "dictionary.looks_at": Text("检查范围", "Looks at"),
    "dictionary.handling": Text("处理", "Handling"),
    "dictionary.text": Text("内容", "What it says"),
    "dictionary.no_rules": Text("除列的检查外没有别的规则。", "No rules besides the checks of the columns."),
    "dictionary.how": Text("列的检查与处理方式", "Checks of the columns, and what is done"),
    "dictionary.how_body": Text(
        "每一列都按合同检查类型、长度、小数位、必填和代码；主键相同而内容不同的行退回，完全相同的行只留一行。"
        "合同自带的代码之外的值退回；代码表之外的值照收并提示，合同要求退回的除外。\n\n"
        "**退回**：该行不接收，转入待核数据，改正后可重新送来；**等待**：所指的行到达后再接收；"
        "**另存**：合计、附注、测试数据等不是业务记录的行单独存放；**置空**：接收该行，但不取该列的值；"
        "**提示**：照收，列为批次问题；**已统一写法**：含义确定的写法（全半角、日期、补零）改为标准写法；"
        "**未检查**：所需的数据还没有送来。退回的行超过 1%，整个文件退回。",
        "Each column is checked for type, length, decimals, presence and codes; rows of one key that differ "
        "are refused, identical ones are taken once. Values outside codes the contract itself lists are "
        "refused; values outside a code set are taken and reported unless the contract refuses them.\n\n"
        "**Refused**: the row is kept out for repair. **Waits**: it is taken when the row it names arrives. "
        "**Set aside**: totals, notes and test data are no records. **Value left out**: the row is taken without "
        "it. **Reported**: taken, and listed as a finding. **Spelling put right**: forms whose meaning is "
        "certain (full width, dates, leading zeros) are put into the standard one. **Not checked**: the data "
        "needed have not been delivered. A file with more than 1 % refused rows is refused as a whole.",
    ),
    "dictionary.rows_found": Text("涉及行数", "Rows"),
    "dictionary.whole_batch": Text("整批", "whole batch"),
    "dictionary.first_records_value": Text("记录 {records}", "records {records}"),
    "dictionary.delivery": Text("文件与交付日期", "File and delivery"),
    "dictionary.no_findings": Text("没有批次问题。", "No delivery findings."),
    "dictionary.no_delivery": Text(
        "截至本数据版本的知悉日期，这个数据源还没有交付，因此没有批次问题。",
        "Nothing of this feed was delivered by the release's date, so there are no delivery findings.",
    ),
    "releases.title": Text(
        "{old} 到 {new}：{count} 个数不同{parts}", "{old} to {new}: {count} figures differ{parts}"
    ),
    "releases.title_same": Text("{old} 与 {new}：没有不同的数", "{old} and {new}: no figure differs"),
    "releases.old": Text("旧版本", "Old release"),
    "releases.new": Text("新版本", "New release"),
    "releases.reason": Text("原因", "Reason"),
    "releases.only_one": Text(
        "只有一个数据版本，还没有可比较的。", "There is one release only, nothing to compare yet."
    ),
    "releases.old_value": Text("旧值", "Old value"),
    "releases.new_value": Text("新值", "New value"),
    "releases.status": Text("状态与知悉日期 旧 → 新", "Status and known on, old → new"),
    "releases.export": Text("版本差异", "Differences"),
    "releases.how": Text("原因的含义", "What the reasons mean"),
    "releases.how_body": Text(
        "**新数据**：旧版本没有这个数。**初步数补全**：旧值为初步数、数据未齐或标记为暂定。**修订**：输入变了，且旧值不是初步数。"
        "**口径变更**：指标的定义或公式变了。**程序变更**：输入与定义相同，计算程序变了。**撤下**：新版本不再有这个数。"
        "**转为终审**：数值相同，状态改为终审。",
        "**New data**: the old release has no such figure. **Completed**: the old one was preliminary, incomplete or "
        "provisional. **Restatement**: other inputs, and the old one was none of these. **Definition**: the "
        "indicator's definition or formula changed. **Program**: same inputs and definition, another program. "
        "**Withdrawn**: the new release has no such figure. **Finalised**: the same value, now final.",
    ),
    "operations.title": Text(
        "上月 {overdue} 个数据源逾期或未到齐，{refused} 个文件待修复，{held} 批有待核的行",
        "Overdue for last month, whole or in part: {overdue} feeds; files to be repaired: {refused}; "
        "batches with rows held: {held}",
    ),
    "operations.title_well": Text(
        "上月应到的数据都已按期到齐，没有待修复的文件和待核的行",
        "All deliveries of last month came in time; nothing is to be repaired",
    ),
    "operations.title_never": Text(
        "上月已到的数据源没有逾期，但有 {never} 个从未送达；没有待修复的文件和待核的行",
        "No feed that is delivered is overdue for last month, but {never} were never delivered; "
        "nothing is to be repaired",
    ),
    "operations.title_no_feeds": Text(
        "平台数据从未送达，{never} 个数据源一个也没有；没有待修复的文件和待核的行",
        "No platform data was ever delivered, none of {never} feeds; nothing is to be repaired",
    ),
    "operations.title_and_never": Text("；从未送达 {never} 个", "; never delivered: {never}"),
    "operations.never": Text(
        "从未送达的数据源 {count} 个，依赖它们的指标没有数：{feeds}。",
        "{count} feeds were never delivered, and what needs them has no figure: {feeds}.",
    ),
    "operations.incomplete": Text("{month} 逾期未到齐（{lacks}）", "overdue in part for {month} ({lacks})"),
    "operations.title_alerts": Text("；{alerts} 条预警", "; open alerts: {alerts}"),
    "operations.part": Text("看什么", "Show"),
    "operations.now": Text("失败与影响", "Failures and what they spoil"),
    "operations.alerts": Text("预警", "Alerts"),
    "operations.alerts_how": Text(
        "规则在 seeds/thresholds/alert_rule.csv；每次发布、回退后评估，处理办法见运维手册 07。",
        "Rules: seeds/thresholds/alert_rule.csv; evaluated after each release and roll-back. What to do: runbook 07.",
    ),
    "operations.no_alerts": Text("没有未解除的预警。", "No alert is open."),
    "operations.severity": Text("程度", "Severity"),
    "operations.first_seen": Text("首次", "First seen"),
    "operations.last_seen": Text("最近", "Last seen"),
    "operations.seen_in": Text("见于", "Seen in"),
    "operations.seen_evaluations": Text("{count} 次核对", "evaluations: {count}"),
    "operations.releases": Text("版本与回退", "Releases and roll-back"),
    "operations.runs": Text("运行", "Runs"),
    "operations.batches": Text("批次", "Deliveries"),
    "operations.quarantine": Text("待核数据", "Quarantine"),
    "operations.freshness": Text("时效", "Freshness"),
    "way.choose": Text("来路：选一个数，看它由什么算出", "Way back: choose a value, see what it is made of"),
    "way.none": Text("（未选）", "(none)"),
    "way.value": Text("数值", "Value"),
    "way.numerator": Text("分子", "Numerator"),
    "way.denominator": Text("分母", "Denominator"),
    "way.tables": Text("经过的表", "Tables on the way"),
    "way.files": Text("文件与批次", "Files and batches"),
    "way.rows": Text("{number:,} 行", "{number:,} rows"),
    "way.record": Text("第 {number:,} 条记录", "record {number:,}"),
    "operations.impact": Text("文件影响", "Impact of a file"),
    "impact.how": Text(
        "一个文件（或批次）影响了正在服务的版本中的哪些数，以及哪些表、页面、数据版本和导出。",
        "Which figures of the served release, tables, pages, releases and exports rest on a file or batch.",
    ),
    "impact.file": Text("文件名或批次号", "File name or batch"),
    "impact.example": Text("文件名或批次号，如 settlement_2024-06@2024-07-10.csv", "File name or batch"),
    "impact.title": Text(
        "{files} 个批次：版本 {release} 中 {metrics} 项指标的 {figures} 个数依据它",
        "{files} batch(es): {figures} figures of {metrics} indicators in release {release} rest on it",
    ),
    "impact.batches": Text("文件与批次", "File and batch"),
    "impact.tables": Text("表", "Tables"),
    "impact.pages": Text("页面", "Pages"),
    "impact.releases": Text("数据版本", "Releases"),
    "impact.exports": Text("导出", "Exports"),
    "impact.metric": Text("指标", "Indicator"),
    "impact.figures": Text("数的个数", "Figures"),
    "impact.periods": Text("时期（期末）", "Ends of periods"),
    "operations.month": Text("月份", "Month"),
    "operations.overdue": Text("{month} 逾期未到", "overdue for {month}"),
    "operations.refused": Text(
        "{files} 个文件整批退回、尚未修复", "files refused whole, not repaired: {files}"
    ),
    "operations.held": Text("{rows} 行待核，未计入", "{rows} rows held, not counted"),
    "operations.spoils": Text(
        "{feed}（{troubles}）：{tables} 张表、{metrics} 个指标不全；页面上受影响的：{cards}。",
        "{feed} ({troubles}): {tables} tables and {metrics} indicators are incomplete; shown on pages: {cards}.",
    ),
    "operations.more": Text("另 {count} 项", "{count} more"),
    "operations.and_more": Text("{first} 等 {count} 个", "{first} and others, {count} in all"),
    "operations.spoils_nothing": Text(
        "另有 {count} 个数据源有问题，但没有指标由它们算出：{feeds}。",
        "No indicator is computed from {count} other troubled feeds: {feeds}.",
    ),
    "operations.unrecognised": Text("未识别的文件", "Unrecognised files"),
    "operations.no_card": Text("没有", "none"),
    "operations.nothing_spoiled": Text(
        "已在报送的数据源没有逾期的，没有未修复的文件或待核的行；正在服务的数不受影响。",
        "No feed that is delivered is overdue, no file waits for repair and no row is held; "
        "the served figures are not affected.",
    ),
    "operations.lineage": Text(
        "依据正在服务的版本的血缘：数据源 → 表 → 指标 → 页面。正在服务的版本不因失败而改变，只是缺少这些数据。",
        "By the lineage of the served release: feed → tables → indicators → pages. A failure never changes the served "
        "release; it lacks these data.",
    ),
    "operations.feed": Text("数据源", "Feed"),
    "operations.trouble": Text("问题", "Trouble"),
    "operations.tables": Text("表", "Tables"),
    "operations.metrics": Text("指标", "Indicators"),
    "operations.cards": Text("卡片与规划行", "Cards and plan rows"),
    "operations.pages": Text("页面", "Pages"),
    "operations.release": Text("数据版本", "Release"),
    "operations.served_now": Text("正在服务", "served now"),
    "operations.pruned": Text("已清除", "pruned"),
    "operations.dates": Text("数据截至／知悉截至", "Data to / known on"),
    "operations.written": Text("写成", "Written"),
    "operations.served": Text("最近启用", "Last served"),
    "operations.note": Text("说明", "Note"),
    "operations.pinned": Text("固定：{reason}", "pinned: {reason}"),
    "operations.changes": Text("与上一版不同的数", "Figures that differ from the one before"),
    "operations.roll_back": Text("回退到较早的版本", "Serve an earlier release again"),
    "operations.roll_back_how": Text(
        "先核对所选版本的每个文件，再改为服务它；现在的版本留着，可以再换回来。读者不受中断。",
        "Every file of the chosen release is checked first; the present one stays and can be served again. "
        "Readers are not interrupted.",
    ),
    "operations.roll_back_none": Text("没有别的版本可以回退。", "There is no other release to serve."),
    "operations.target": Text("改为服务", "Serve"),
    "operations.reason": Text("理由（记入历史和审计）", "Reason (kept in the history and the audit)"),
    "operations.confirm": Text("照抄版本编号以确认", "Type the release's id to confirm"),
    "operations.do_roll_back": Text("回退", "Roll back"),
    "operations.rolled_back": Text("现在服务 {release}。", "{release} is served now."),
    "operations.busy": Text(
        "有建库、发布或装载正在进行，没有回退。等它结束再试。{detail}",
        "A build, release or load is under way; nothing was rolled back. Try again when it has ended. {detail}",
    ),
    "operations.no_runs": Text(
        "Dagster 还没有运行记录。命令行的 ingest、build、release 不经 Dagster；见“批次”与“版本”。",
        "Dagster has no run yet. The commands ingest, build and release do not pass through it: see deliveries "
        "and releases.",
    ),
    "operations.reading_runs": Text("正在读取运行记录…", "Reading the runs…"),
    "operations.job": Text("任务", "Job"),
    "operations.state": Text("结果", "State"),
    "operations.started": Text("开始", "Started"),
    "operations.seconds": Text("用时（秒）", "Seconds"),
    "operations.failed_steps": Text("失败的步骤与原因", "Failed steps and reasons"),
    "operations.no_batches": Text("还没有装载过文件。", "No file was loaded yet."),
    "operations.received": Text("装载时间", "Received"),
    "operations.file": Text("文件与交付日期", "File and delivery"),
    "operations.rows": Text("读入／接收／未接收", "Read / accepted / kept out"),
    "operations.message": Text("说明或退回原因", "Message or reason"),
    "operations.alert": Text("内容", "What"),
    "operations.accepted": Text("已接收", "Accepted"),
    "operations.refused_word": Text("退回", "Refused"),
    "operations.repaired_word": Text("退回，已修复", "Refused, repaired since"),
    "operations.no_quarantine": Text("没有待核的行。", "No row is held."),
    "operations.quarantine_how": Text(
        "只列数目与规则。逐行的原因用 yibao quarantine show，退回通知用 yibao quarantine export，再查用 "
        "yibao quarantine retry。",
        "Counts and rules only. Rows: yibao quarantine show; notice of return: yibao quarantine export; check "
        "again: yibao quarantine retry.",
    ),
    "operations.batch": Text("批次", "Batch"),
    "operations.rejected": Text("退回", "Refused"),
    "operations.waiting": Text("等待", "Waiting"),
    "operations.set_aside": Text("另存", "Set aside"),
    "operations.codes": Text("常见规则", "Usual rules"),
    "operations.whole": Text("整批退回", "whole batch"),
    "operations.sender": Text("报送单位", "Sender"),
    "operations.cadence": Text("周期", "Cadence"),
    "operations.due": Text("应到", "Due"),
    "operations.arrived": Text("到达", "Arrived"),
    "operations.default_due": Text(
        "应到日期后有 * 的，期限为默认值，待局方核定。",
        "Due dates with * are defaults, to be confirmed by the bureau.",
    ),
    "export.title": Text("导出", "Export"),
}

ATTRIBUTES = {"约束性": Text("约束性", "Binding"), "预期性": Text("预期性", "Indicative")}

OFFICES = {
    "基金财务": "Fund finance",
    "待遇保障": "Benefits",
    "医药服务": "Medical services",
    "招采价格": "Procurement and price",
    "基金监管": "Fund supervision",
    "规划财务": "Planning and finance",
    "信息统计": "Information and statistics",
}

GOALS = {
    "公平": "Fair",
    "安全": "Safe",
    "高效": "Efficient",
    "智慧": "Smart",
    "未载明": "Not stated",
    "原表单元格不明": "Cell of the table unclear",
}

TARGET_KINDS = {
    "about": Text("接近目标值", "About the target"),
    "at_least": Text("不低于目标值", "At least the target"),
    "at_most": Text("不高于目标值", "At most the target"),
    "full": Text("全覆盖", "Full coverage"),
    "stable_band": Text("保持稳定", "Kept stable"),
    "stable_at_least": Text("稳定在目标以上", "Stable above the target"),
    "qualitative": Text("定性", "Qualitative"),
    "adapted": Text("更加适应", "Better adapted"),
    "milestone": Text("按期完成", "Milestone"),
    "count_by_date": Text("按期达到数量", "Count by a date"),
    "monotone_up": Text("逐年上升", "Rising"),
    "monotone_down": Text("逐年下降", "Falling"),
}

CHECKS = {
    "identity": Text("同一来源内的恒等式", "Identity inside one source"),
    "rollforward": Text("期初＋当期＝期末", "Opening + current = closing"),
    "statement_chain": Text("报表与上一张报表", "A statement against the one before"),
    "statement_jump": Text("数量级突变", "Jump by a power of ten"),
    "revision": Text("快报与公报", "Quick report against bulletin"),
    "other_series": Text("其他来源与公报", "Another source against the bulletin"),
    "formula_against_published": Text("按公式计算与公布值", "By formula against as published"),
    "enrolment_rate_against_published": Text(
        "参保率各口径与公布值", "Enrolment rate by population against as published"
    ),
    "joint_payable_months": Text("合计可支付月数（仅作勾稽）", "Joint payable months (reconciliation only)"),
    "implied_expense": Text("由公布月数反推的支出", "Expenditure implied by published months"),
    "region_sum": Text("市县（省）之和＝上级合计", "Regions add up to their parent"),
    "ratio": Text("同一来源内的比率", "Ratio inside one source"),
    "statement": Text("报表内的恒等式", "Identity inside a statement"),
    "unit": Text("单位", "Unit"),
    "published_against_feeds": Text("公布值与平台数据", "Published against the feeds"),
    "refunds_across_years": Text("跨月退费", "Refunds across years"),
    "ledger_against_settlements": Text("台账与结算", "Ledger against settlements"),
}

CADENCES = {
    "daily": Text("每日", "Daily"),
    "monthly": Text("每月", "Monthly"),
    "yearly": Text("每年", "Yearly"),
    "irregular": Text("不定期", "Irregularly"),
}

SENSITIVITIES = {
    "open": Text("公开", "Open"),
    "internal": Text("内部", "Internal"),
    "pseudonym": Text("假名", "Pseudonym"),
    "personal": Text("个人信息", "Personal"),
}

RULE_KINDS = {
    "row": Text("单行", "One row"),
    "rows": Text("多行", "Several rows"),
    "batch": Text("整批", "Whole batch"),
}

FEED_SEVERITIES = {
    "reject": Text("退回", "Refused"),
    "wait": Text("等待", "Waits"),
    "set_aside": Text("另存", "Set aside"),
    "blank": Text("置空", "Value left out"),
    "warn": Text("提示", "Reported"),
    "repaired": Text("已统一写法", "Spelling put right"),
    "not_checked": Text("未检查", "Not checked"),
}

FEED_UNITS = {
    "yuan": Text("元", "yuan"),
    "visits": Text("人次", "visits"),
    "days": Text("天", "days"),
    "years": Text("岁", "years"),
    "beds": Text("张", "beds"),
    "items": Text("项", "items"),
    "papers": Text("份", "papers"),
    "points": Text("分", "points"),
    "weight": Text("权重", "weight"),
    "share": Text("比例（0–1）", "share (0–1)"),
    "ratio": Text("比例（0–1）", "ratio (0–1)"),
    "persons": Text("人", "persons"),
    "months": Text("个月", "months"),
    "times": Text("倍", "times"),
    "institutions": Text("家", "institutions"),
    "yuan_per_person": Text("元/人", "yuan per person"),
    "yuan_per_visit": Text("元/人次", "yuan per visit"),
    "ordering units": Text("采购单位", "ordering units"),
}

COLUMN_HEADS = {
    "region": Text("地区", "Region"),
    "card": Text("指标", "Indicator"),
    "scheme": Text("险种", "Scheme"),
    "period_start": Text("期初", "Period start"),
    "period_end": Text("期末", "Period end"),
    "period_basis": Text("时期类型代码", "Period basis code"),
    "basis": Text("时期类型", "Period basis"),
    "shown_value": Text("数值", "Value"),
    "qualifier": Text("原文限定", "Limiting words"),
    "unit": Text("单位", "Unit"),
    "shown_change": Text("同比（%、百分点或差值）", "Change on a year before"),
    "previous_period_end": Text("上年同期期末", "Period end a year before"),
    "target_text": Text("规划目标", "Plan target"),
    "signal": Text("信号", "Signal"),
    "status": Text("报送状态或判定", "Status or verdict"),
    "scope": Text("基金口径", "Fund scope"),
    "variant": Text("变体", "Variant"),
    "is_unconfirmed": Text("口径待确认", "Scope unconfirmed"),
    "break": Text("断点说明", "Series break"),
    "definition_version": Text("定义版本", "Definition version"),
    "source": Text("来源", "Source"),
    "file_name": Text("文件", "File"),
    "record_number": Text("记录序号", "Record number"),
    "record": Text("文件与记录", "File and record"),
    "batch_id": Text("批次", "Batch"),
    "known_on": Text("知悉日期", "Known on"),
    "release_id": Text("数据版本", "Release"),
    "metric": Text("指标", "Indicator"),
    "decimals": Text("小数位", "Decimals"),
    "quality_flag": Text("质量标记代码", "Quality flag codes"),
    "row_no": Text("行", "Row"),
    "category": Text("类别", "Category"),
    "name": Text("名称", "Name"),
    "attribute": Text("属性", "Kind"),
    "baseline": Text("基期 2020", "Base 2020"),
    "target": Text("目标 2025", "Target 2025"),
    "raw_text": Text("原表文字", "Text of the table"),
    "as_of_date": Text("最新公布值日期", "Date of the newest value"),
    "elapsed_rate": Text("时间进度", "Time elapsed"),
    "progress_rate": Text("完成进度", "Progress"),
    "reason": Text("理由", "Reason"),
    "owner": Text("责任处室", "Office"),
    "document": Text("来源文件", "Document"),
    "denominator_spec": Text("分母口径", "Denominator"),
    "tolerance_note": Text("容差说明", "Tolerance"),
    "evidence_note": Text("旁证（仅供核对，不作数据）", "Side evidence (for checking only)"),
    "item_id": Text("编号", "No."),
    "level": Text("层级代码", "Level code"),
    "parent_id": Text("上级", "Parent"),
    "trackable": Text("可测项", "What can be tracked"),
    "kind": Text("类型代码", "Kind code"),
    "due_date": Text("期限", "Due"),
    "metric_keys": Text("指标代码", "Metric keys"),
    "severity": Text("严重程度", "Severity"),
    "check_code": Text("检查类别代码", "Check code"),
    "expected": Text("应为", "Expected"),
    "found": Text("印为", "Found"),
    "difference": Text("差额", "Difference"),
    "message": Text("说明", "Message"),
    "column_name": Text("列名", "Column"),
    "data_type": Text("类型", "Type"),
    "length": Text("最大长度", "Longest"),
    "is_key": Text("主键", "Key"),
    "is_required": Text("必填", "Required"),
    "code_set": Text("代码表", "Code set"),
    "codes": Text("合同自带的代码", "Codes of the contract"),
    "sensitivity": Text("敏感级别代码", "Sensitivity code"),
    "headers": Text("其他表头", "Other headers"),
    "code": Text("代码", "Code"),
    "valid_from": Text("启用日期", "Valid from"),
    "valid_to": Text("最后有效日", "Valid to"),
    "maps_to": Text("归入", "Counts as"),
    "note": Text("说明", "Note"),
    "rule": Text("规则", "Rule"),
    "text": Text("内容", "What it says"),
    "rows_found": Text("涉及行数", "Rows"),
    "first_records": Text("最先的记录", "First records"),
    "metric_key": Text("指标代码", "Metric key"),
    "region_code": Text("地区代码", "Region code"),
    "scheme_code": Text("险种代码", "Scheme code"),
    "fund_scope": Text("基金口径代码", "Scope code"),
    "data_origin": Text("数据来源代码", "Origin code"),
    "old_value": Text("旧值", "Old value"),
    "new_value": Text("新值", "New value"),
    "old_status": Text("旧报送状态", "Old status"),
    "new_status": Text("新报送状态", "New status"),
    "old_known_on": Text("旧知悉日期", "Old known on"),
    "new_known_on": Text("新知悉日期", "New known on"),
}


RUN_STATES = {
    "success": Text("成功", "Succeeded"),
    "failure": Text("失败", "Failed"),
    "started": Text("进行中", "Running"),
    "starting": Text("正在开始", "Starting"),
    "queued": Text("排队", "Queued"),
    "not_started": Text("未开始", "Not started"),
    "canceling": Text("正在取消", "Being cancelled"),
    "canceled": Text("已取消", "Cancelled"),
}


def pick(text: Text, lang: str) -> str:
    """The text in ``lang``."""
    return text.en if lang == "en" else text.zh


def say(key: str, lang: str, **parts: object) -> str:
    """The page text ``key`` in ``lang`` with its parts filled in."""
    return pick(TEXTS[key], lang).format(**parts)


def known(words: dict[str, Text], code: str, lang: str) -> str:
    """The words for ``code``; the code itself where a newer release brings one that is unknown here."""
    text = words.get(code)
    return code if text is None else pick(text, lang)


def translated(words: dict[str, str], text: str | None, lang: str) -> str:
    """A Chinese word of the data in ``lang``, where its translation is known."""
    if not text:
        return "—"
    return words.get(text, text) if lang == "en" else text
