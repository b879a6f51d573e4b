//! The brands, their policies and their API clients, as every request needs them: a copy in memory, made anew whenever
//! the one counter in the database has moved. A node is behind by at most [`WATCH_EVERY`].

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use countersign_domain::api_client::ApiClient;
use countersign_domain::brand::{Brand, HostName, Slug};
use countersign_domain::ids::{AccountId, ApiClientId, BrandId};
use countersign_domain::judge::{AgentBudget, DayBudget, Limits};
use countersign_domain::policy::Policy;
use countersign_store::budgets::{self, Owner, Spent};
use countersign_store::{Tx, directory};
use sha2::{Digest, Sha256};

use crate::error::{AppError, Cause};

/// How often a node looks at the counter: a right taken away elsewhere is gone here within this time (ASVS 8.3.2).
pub const WATCH_EVERY: Duration = Duration::from_millis(500);

/// A brand with everything about it that requests ask for.
#[derive(Debug)]
pub struct BrandEntry {
    /// The brand.
    pub brand: Brand,
    /// Its policy in force.
    pub policy: Policy,
    /// The policy's version.
    pub policy_version: u64,
    /// The tries that the policy gives.
    pub limits: Limits,
    /// The budget that the policy gives to an agent.
    pub agent_budget: AgentBudget,
    /// The budget that the policy gives to a program.
    pub client_budget: DayBudget,
    /// The number of holders at which the brand raises an alarm.
    pub brand_alarm: DayBudget,
    decoys: [AccountId; DECOYS],
}

/// How many rows stand in for accounts that do not exist: enough that their lock never becomes a queue.
const DECOYS: usize = 32;

impl BrandEntry {
    fn new(brand: Brand, policy: Policy, policy_version: u64) -> Self {
        let tries = &policy.tries;
        let limits = Limits {
            tries: tries.limit.into(),
            machine_tries: tries.machine_limit.into(),
            window_tries: tries.cumulative_limit.into(),
            window: Duration::from_secs(u64::from(tries.cumulative_days) * 86_400),
            unlocks_per_year: policy.unlock.per_year.into(),
        };
        let budget = &policy.agent_budget;
        let agent_budget = AgentBudget {
            per_day: budget.per_day.into(),
            per_week: budget.per_7_days.into(),
            per_month: budget.per_30_days.into(),
        };
        let client_budget = DayBudget(policy.client_budget.per_day);
        let brand_alarm = DayBudget(policy.brand_alarm.per_day);
        let decoys = decoys_of(&brand);
        Self {
            brand,
            policy,
            policy_version,
            limits,
            agent_budget,
            client_budget,
            brand_alarm,
            decoys,
        }
    }

    /// The row that stands in for an account that does not exist. The same name always meets the same one.
    #[must_use]
    pub fn decoy_for(&self, name: &str) -> AccountId {
        let [first, ..] = <[u8; 32]>::from(Sha256::digest(name.as_bytes()));
        let [fallback, ..] = self.decoys;
        self.decoys
            .get(usize::from(first) % DECOYS)
            .copied()
            .unwrap_or(fallback)
    }

    /// Whether this account is only a stand-in.
    #[must_use]
    pub fn is_decoy(&self, account: AccountId) -> bool {
        self.decoys.contains(&account)
    }

    /// All stand-ins, for the brand's creation.
    #[must_use]
    pub const fn decoys(&self) -> &[AccountId] {
        &self.decoys
    }
}

/// The stand-ins of a brand: made from its id alone, so that every node knows them.
#[must_use]
pub fn decoys_of(brand: &Brand) -> [AccountId; DECOYS] {
    std::array::from_fn(|index| {
        let digest = Sha256::new()
            .chain_update(b"decoy")
            .chain_update(brand.id.to_string())
            .chain_update([u8::try_from(index).unwrap_or_default()]);
        let digest: [u8; 32] = digest.finalize().into();
        let mut random = [0; 10];
        random.copy_from_slice(digest.first_chunk::<10>().unwrap_or(&[0; 10]));
        AccountId::new(brand.created_at, random)
    })
}

/// One consistent view of the directory.
#[derive(Debug, Default)]
pub struct Snapshot {
    version: u64,
    brands: Vec<Arc<BrandEntry>>,
    clients: HashMap<[u8; 32], (Arc<ApiClient>, Arc<BrandEntry>)>,
    /// What is spent, by whose it is: of the newest day alone.
    spent: HashMap<Owner, Spent>,
}

impl Snapshot {
    /// The brand whose pages stand at this host name. A server with one brand shows it at any name.
    #[must_use]
    pub fn brand_at(&self, host: &HostName) -> Option<Arc<BrandEntry>> {
        let named = self
            .brands
            .iter()
            .find(|entry| entry.brand.host.as_ref() == Some(host))
            .cloned();
        named.or_else(|| self.only_brand())
    }

    /// The brand, when there is exactly one.
    #[must_use]
    pub fn only_brand(&self) -> Option<Arc<BrandEntry>> {
        if let [only] = self.brands.as_slice() {
            Some(only.clone())
        } else {
            None
        }
    }

    /// The brand of this id.
    #[must_use]
    pub fn brand(&self, id: BrandId) -> Option<Arc<BrandEntry>> {
        self.brands.iter().find(|entry| entry.brand.id == id).cloned()
    }

    /// The brand of this slug.
    #[must_use]
    pub fn brand_by_slug(&self, slug: &Slug) -> Option<Arc<BrandEntry>> {
        self.brands
            .iter()
            .find(|entry| entry.brand.slug == *slug)
            .cloned()
    }

    /// All brands, by slug.
    #[must_use]
    pub fn brands(&self) -> &[Arc<BrandEntry>] {
        &self.brands
    }

    /// With how many holders a program's budget was spent on this day; none where it was not.
    #[must_use]
    pub fn spent_by_client(&self, client: ApiClientId, day: i64) -> Option<u32> {
        self.spent(Owner::Client(client), day)
    }

    /// With how many holders a brand's alarm was raised on this day; none where it was not.
    #[must_use]
    pub fn spent_at_brand(&self, brand: BrandId, day: i64) -> Option<u32> {
        self.spent(Owner::Brand(brand), day)
    }

    fn spent(&self, owner: Owner, day: i64) -> Option<u32> {
        let spent = self.spent.get(&owner)?;
        (spent.day == day).then_some(spent.holders)
    }

    /// The API client whose key has this digest.
    #[must_use]
    pub fn client(&self, key_hash: &[u8; 32]) -> Option<(Arc<ApiClient>, Arc<BrandEntry>)> {
        self.clients.get(key_hash).cloned()
    }
}

/// Holds the view in force.
#[derive(Debug, Default)]
pub struct Directory {
    current: RwLock<Arc<Snapshot>>,
}

impl Directory {
    /// The view in force.
    #[must_use]
    pub fn current(&self) -> Arc<Snapshot> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn replace(&self, snapshot: Snapshot) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }
}

/// Loads the directory, unless it is still at `known`. Of spent budgets only those of `today` matter.
pub(crate) async fn load(tx: &mut Tx, known: Option<u64>, today: i64) -> Result<Option<Snapshot>, AppError> {
    let version = directory::version(tx).await?;
    if known == Some(version) {
        return Ok(None);
    }
    let mut policies: HashMap<BrandId, directory::PolicyRow> = directory::list_policies(tx)
        .await?
        .into_iter()
        .map(|row| (row.brand, row))
        .collect();
    let mut brands = Vec::new();
    for brand in directory::list_brands(tx).await? {
        let row = policies
            .remove(&brand.id)
            .ok_or_else(|| corrupt(&brand, "it has no policy"))?;
        let policy = Policy::parse_toml(&row.document).map_err(|problems| {
            let first = problems.first().map_or_else(String::new, |problem| {
                format!("{}: {}", problem.field, problem.message)
            });
            corrupt(&brand, &first)
        })?;
        brands.push(Arc::new(BrandEntry::new(brand, policy, row.version)));
    }
    let mut clients = HashMap::new();
    for row in directory::list_api_clients(tx).await? {
        if let Some(entry) = brands.iter().find(|entry| entry.brand.id == row.client.brand) {
            clients.insert(row.key_hash, (Arc::new(row.client), entry.clone()));
        }
    }
    // Oldest first, so that the newest day's stays.
    let spent = budgets::list_spent(tx, today.saturating_sub(1)).await?;
    let spent = spent.into_iter().map(|spent| (spent.owner, spent)).collect();
    Ok(Some(Snapshot {
        version,
        brands,
        clients,
        spent,
    }))
}

impl Snapshot {
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }
}

fn corrupt(brand: &Brand, what: &str) -> AppError {
    AppError::Unavailable(Cause::Corrupt(format!(
        "the policy of brand {}: {what}",
        brand.slug.as_str()
    )))
}
