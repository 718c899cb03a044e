//! [`Form`]: how a cell spells a time.

/// How the cells of a column spell a date, a time of day and a zone; an index for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::input) struct Form(u8);

/// How a cell spells its date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Date {
    /// `2012-05-21`, `2012/05/21`, `20120521T140000`.
    YearFirst = 0,
    /// `21-May-2012`, `May 21, 2012`.
    MonthName = 1,
    /// `5/21/2012`, the order open.
    Slash = 2,
    /// `01-02-2013`, the order open.
    Dash = 3,
    /// `21.05.2012`, the order open.
    Dot = 4,
    /// `5/21/12`, the order open.
    SlashShort = 5,
    /// `01-02-13`, the order open.
    DashShort = 6,
    /// `21.05.12`, the order open.
    DotShort = 7,
    /// A plain number.
    Number = 8,
    /// Whatever the format given says.
    Given = 9,
}

impl Date {
    const ALL: [Date; 10] = [
        Date::YearFirst,
        Date::MonthName,
        Date::Slash,
        Date::Dash,
        Date::Dot,
        Date::SlashShort,
        Date::DashShort,
        Date::DotShort,
        Date::Number,
        Date::Given,
    ];

    /// The separator and whether the year has two digits, for dates whose order is open.
    pub(super) fn open(self) -> Option<(char, bool)> {
        match self {
            Self::Slash => Some(('/', false)),
            Self::Dash => Some(('-', false)),
            Self::Dot => Some(('.', false)),
            Self::SlashShort => Some(('/', true)),
            Self::DashShort => Some(('-', true)),
            Self::DotShort => Some(('.', true)),
            _ => None,
        }
    }
}

impl Form {
    /// One more than the largest index.
    pub(in crate::input) const COUNT: usize = 64;
    /// The form of plain numbers.
    pub(in crate::input) const NUMBER: Form = Form(Date::Number as u8);

    const TWELVE: u8 = 16;
    const ZONE: u8 = 32;

    /// The form as an index below [`Form::COUNT`].
    pub(in crate::input) fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Every form, by index; indices that stand for none are left out.
    pub(super) fn all() -> impl Iterator<Item = Form> {
        (0..Self::COUNT as u8).map(Form).filter(|f| usize::from(f.0 & 15) < Date::ALL.len())
    }

    pub(super) fn new(date: Date, twelve: bool, zone: bool) -> Self {
        Self(date as u8 | if twelve { Self::TWELVE } else { 0 } | if zone { Self::ZONE } else { 0 })
    }

    pub(super) fn date(self) -> Date {
        Date::ALL[usize::from(self.0 & 15).min(Date::ALL.len() - 1)]
    }

    /// With AM or PM.
    pub(super) fn twelve_hours(self) -> bool {
        self.0 & Self::TWELVE != 0
    }

    /// With `Z` or an offset: the time is UTC.
    pub(super) fn zone(self) -> bool {
        self.0 & Self::ZONE != 0
    }
}
