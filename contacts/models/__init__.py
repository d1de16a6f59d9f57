"""The ground's nouns. Each module holds one kind; import them from here."""

from contacts.models.account import Account
from contacts.models.base import Deletable, Record
from contacts.models.campaign import PARTS, Campaign, MarketingContext, Product
from contacts.models.change import Change, ChangeConsumer, Further, LaterChange, OutboxEvent, OutboxWish
from contacts.models.consent import Consent, ConsentAsked, How
from contacts.models.consent_level import ConsentLevel
from contacts.models.contact import Contact, ContactMatchingStrategy, ContactRole, MatchKey
from contacts.models.custom_field import CustomField, CustomFieldType, Entity
from contacts.models.export import ListExport
from contacts.models.field_change import FieldChange
from contacts.models.guardian import Guardianship
from contacts.models.interaction import Interaction, InteractionKey, InteractionType
from contacts.models.mail_domain import MailDomain
from contacts.models.merge import (
    AccountKey,
    AccountLikeness,
    AccountPair,
    DuplicatePair,
    DuplicateSearch,
    Likeness,
    Merge,
    MergedRows,
)
from contacts.models.privacy import DataRequest, DataRequestStep, Tombstone
from contacts.models.purpose import Purpose, PurposeWording
from contacts.models.strategy import MatchingStrategy
from contacts.models.team import Team, TeamMember, Territory
from contacts.models.user import User
from contacts.models.view import ListOf, SavedView, Sharing, ViewChoice
from contacts.models.working import Absence, WorkSettings
from contacts.roles import Role

__all__ = [
    "PARTS",
    "Absence",
    "Account",
    "AccountKey",
    "AccountLikeness",
    "AccountPair",
    "Campaign",
    "Change",
    "ChangeConsumer",
    "Consent",
    "ConsentAsked",
    "ConsentLevel",
    "Contact",
    "ContactMatchingStrategy",
    "ContactRole",
    "CustomField",
    "CustomFieldType",
    "DataRequest",
    "DataRequestStep",
    "Deletable",
    "DuplicatePair",
    "DuplicateSearch",
    "Entity",
    "FieldChange",
    "Further",
    "Guardianship",
    "How",
    "Interaction",
    "InteractionKey",
    "InteractionType",
    "LaterChange",
    "Likeness",
    "ListExport",
    "ListOf",
    "MailDomain",
    "MarketingContext",
    "MatchKey",
    "MatchingStrategy",
    "Merge",
    "MergedRows",
    "OutboxEvent",
    "OutboxWish",
    "Product",
    "Purpose",
    "PurposeWording",
    "Record",
    "Role",
    "SavedView",
    "Sharing",
    "Team",
    "TeamMember",
    "Territory",
    "Tombstone",
    "User",
    "ViewChoice",
    "WorkSettings",
]
