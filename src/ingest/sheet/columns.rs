//! Which column is which, by its name.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Kind, rows};

/// What a column of somebody's table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Nothing that is read.
    LeftOut,
    /// An attribute of the customer, by its own name.
    Attribute,
    /// This column of the contract's file.
    Is(&'static str),
}

/// As forms say it: a name, `+` for an attribute, nothing for what is left out.
impl Column {
    /// The column of the contract's file that it is.
    pub fn name(self) -> Option<&'static str> {
        if let Self::Is(name) = self { Some(name) } else { None }
    }

    /// Its value in a form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeftOut => "",
            Self::Attribute => "+",
            Self::Is(name) => name,
        }
    }
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.as_str().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self::from(text.as_str()))
    }
}

/// What is none is left out.
impl From<&str> for Column {
    fn from(text: &str) -> Self {
        let known = || Kind::ALL.iter().flat_map(|kind| rows::columns(*kind));
        match text {
            "+" => Self::Attribute,
            text => known().find(|name| **name == text).map_or(Self::LeftOut, |name| Self::Is(name)),
        }
    }
}

/// What help desks and billing systems call each column; letters and digits only, in lower case.
const KNOWN: &[(&str, &[&str])] = &[
    (
        "customer_id",
        &[
            "customer",
            "userid",
            "user",
            "requesterid",
            "requester",
            "clientid",
            "client",
            "contactid",
            "contact",
            "客户",
            "客户id",
            "客户编号",
            "用户id",
            "用户编号",
        ],
    ),
    (
        "account_id",
        &[
            "account",
            "organizationid",
            "organisationid",
            "organization",
            "companyid",
            "company",
            "公司",
            "账户",
            "账户id",
        ],
    ),
    (
        "conversation_id",
        &[
            "conversation",
            "ticketid",
            "ticket",
            "caseid",
            "case",
            "id",
            "threadid",
            "工单",
            "工单id",
            "工单编号",
            "会话id",
            "会话编号",
        ],
    ),
    ("opened_at", &["opened", "createdat", "created", "createddate", "openedon", "创建时间", "提交时间"]),
    (
        "first_agent_reply_at",
        &[
            "firstreplyat",
            "firstreply",
            "firstresponseat",
            "firstresponse",
            "firstrespondedat",
            "首次回复时间",
            "首次响应时间",
        ],
    ),
    ("closed_at", &["closed", "solvedat", "solved", "resolvedat", "resolved", "关闭时间", "解决时间"]),
    ("channel", &["via", "source", "渠道"]),
    ("topic", &["category", "subjectarea", "主题", "类别"]),
    ("urgency", &["priority", "优先级", "紧急程度"]),
    ("agent_id", &["agent", "assigneeid", "assignee", "客服", "客服id"]),
    ("handle_seconds", &["handletime", "handletimeseconds", "处理秒数"]),
    ("after_contact_seconds", &["aftercontacttime", "wrapupseconds", "后续处理秒数"]),
    ("reopened", &["wasreopened", "重新打开"]),
    ("rated_at", &["rated", "ratedon", "surveyedat", "createdat", "评价时间", "评分时间"]),
    ("score", &["rating", "csat", "stars", "评分", "满意度"]),
    ("emotions", &["emotion", "情绪"]),
    ("comment", &["feedback", "comments", "评论", "备注"]),
    ("month", &["period", "billingmonth", "月份"]),
    ("amount", &["mrr", "revenue", "value", "金额", "收入"]),
    ("currency", &["currencycode", "币种", "货币"]),
];

/// A name's letters and digits, in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Names that say it themselves first, then those that are known for it; each is taken once.
pub(super) fn guess(kind: Kind, header: &[String]) -> Vec<Column> {
    let rest = if kind == Kind::Customers { Column::Attribute } else { Column::LeftOut };
    let mut columns: Vec<Column> =
        header.iter().map(|name| if name.is_empty() { Column::LeftOut } else { rest }).collect();
    let plain_names: Vec<String> = header.iter().map(|name| plain(name)).collect();
    let mut take = |wanted: &'static str, is: &dyn Fn(&str) -> bool| {
        if columns.iter().any(|column| column.name() == Some(wanted)) {
            return;
        }
        let free = |at: &usize| columns[*at].name().is_none();
        if let Some(at) = (0..header.len()).filter(free).find(|at| is(&plain_names[*at])) {
            columns[at] = Column::Is(wanted);
        }
    };
    for wanted in rows::columns(kind) {
        take(wanted, &|name| name == plain(wanted));
    }
    for wanted in rows::columns(kind) {
        let known = KNOWN.iter().find(|(name, _)| name == wanted).map_or(&[][..], |(_, known)| known);
        for alias in known {
            take(wanted, &|name| name == *alias);
        }
    }
    columns
}
