"""The languages of pages, and the words of ours that visitors meet on them.

What marketers do not type themselves (what marks a field that must be filled in, what is wrong with an answer, the
heading of the thanks) comes in the language of the page, for the languages of `KNOWN`; elsewhere it begins in English.
Each can be put in other words on the page's settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

FROM_THE_RIGHT = frozenset({"ar", "he"})


@dataclass(frozen=True)
class Words:
    """Ours on a page. `check` heads what is wrong, `wrong` stands beside a field whose answer is not of its kind."""

    skip: str = "Skip to the page"
    needed: str = "marks what is required."
    optional: str = "optional"
    required: str = "required"
    choose: str = "Please choose"
    yes: str = "Yes"
    no: str = "No"
    check: str = "Please check"
    fill_in: str = "Please fill this in."
    tick: str = "Please tick this to go on."
    pick: str = "Please choose from the list."
    email: str = "This is not an e-mail address."
    phone: str = "This is not a phone number."
    wrong: str = "This is not written as it is asked for."
    thanks: str = "Thank you"
    send: str = "Send"


LABELS = {
    "skip": "Link past the top, for the keyboard",
    "needed": "Behind the star, above a form",
    "optional": "Beside a field that may stay empty",
    "required": "Beside one that may not, read aloud",
    "choose": "First line of a list",
    "yes": "Yes",
    "no": "No",
    "check": "Above what is wrong",
    "fill_in": "Nothing was filled in",
    "tick": "A box was not ticked",
    "pick": "Nothing on the list was chosen",
    "email": "Not an e-mail address",
    "phone": "Not a phone number",
    "wrong": "Anything else that is wrong",
    "thanks": "Heading of the thanks",
    "send": "On the button, where the form says no word of its own",
}
IN_ENGLISH = Words()
NAMES = tuple(one.name for one in fields(Words))
KNOWN: Mapping[str, Words] = {
    "en": IN_ENGLISH,
    "da": Words(
        "Gå til indholdet", "markerer det, der skal udfyldes.", "valgfrit", "skal udfyldes", "Vælg", "Ja", "Nej",
        "Tjek venligst", "Udfyld dette felt.", "Sæt kryds her for at fortsætte.", "Vælg fra listen.",
        "Det er ikke en e-mailadresse.", "Det er ikke et telefonnummer.", "Det er ikke skrevet som ønsket.", "Tak",
        "Send",
    ),
    "de": Words(
        "Zum Inhalt", "kennzeichnet Pflichtfelder.", "freiwillig", "Pflichtfeld", "Bitte wählen", "Ja", "Nein",
        "Bitte prüfen", "Bitte füllen Sie dies aus.", "Bitte setzen Sie hier ein Häkchen.",
        "Bitte wählen Sie aus der Liste.", "Das ist keine E-Mail-Adresse.", "Das ist keine Telefonnummer.",
        "Das ist nicht so geschrieben wie erwartet.", "Vielen Dank", "Absenden",
    ),
    "es": Words(
        "Ir al contenido", "indica los campos obligatorios.", "opcional", "obligatorio", "Elija una opción", "Sí", "No",
        "Revise lo siguiente", "Rellene este campo.", "Marque esta casilla para continuar.", "Elija una de la lista.",
        "Esto no es una dirección de correo.", "Esto no es un número de teléfono.",
        "Esto no tiene el formato esperado.", "Gracias", "Enviar",
    ),
    "fr": Words(
        "Aller au contenu", "indique les champs obligatoires.", "facultatif", "obligatoire", "Veuillez choisir", "Oui",
        "Non", "Veuillez vérifier", "Veuillez remplir ce champ.", "Veuillez cocher cette case pour continuer.",
        "Veuillez choisir dans la liste.", "Ceci n’est pas une adresse e-mail.",
        "Ceci n’est pas un numéro de téléphone.", "Ceci n’a pas la forme attendue.", "Merci", "Envoyer",
    ),
    "it": Words(
        "Vai al contenuto", "indica i campi obbligatori.", "facoltativo", "obbligatorio", "Scegliere", "Sì", "No",
        "Si prega di controllare", "Compilare questo campo.", "Selezionare la casella per continuare.",
        "Scegliere dall’elenco.", "Questo non è un indirizzo e-mail.", "Questo non è un numero di telefono.",
        "Il formato non è quello richiesto.", "Grazie", "Invia",
    ),
    "nl": Words(
        "Naar de inhoud", "geeft aan wat verplicht is.", "optioneel", "verplicht", "Maak een keuze", "Ja", "Nee",
        "Controleer het volgende", "Vul dit in.", "Vink dit aan om verder te gaan.", "Kies uit de lijst.",
        "Dit is geen e-mailadres.", "Dit is geen telefoonnummer.", "Dit is niet geschreven zoals gevraagd.", "Bedankt",
        "Versturen",
    ),
    "pl": Words(
        "Przejdź do treści", "oznacza pola wymagane.", "opcjonalne", "wymagane", "Wybierz", "Tak", "Nie",
        "Sprawdź, proszę", "Wypełnij to pole.", "Zaznacz to pole, aby przejść dalej.", "Wybierz z listy.",
        "To nie jest adres e-mail.", "To nie jest numer telefonu.", "Zapis jest inny niż oczekiwany.", "Dziękujemy",
        "Wyślij",
    ),
    "pt": Words(
        "Ir para o conteúdo", "indica o que é obrigatório.", "opcional", "obrigatório", "Escolha", "Sim", "Não",
        "Verifique, por favor", "Preencha este campo.", "Assinale esta caixa para continuar.", "Escolha da lista.",
        "Isto não é um endereço de e-mail.", "Isto não é um número de telefone.",
        "Isto não está escrito como se pede.", "Obrigado", "Enviar",
    ),
    "sv": Words(
        "Till innehållet", "markerar det som måste fyllas i.", "valfritt", "måste fyllas i", "Välj", "Ja", "Nej",
        "Kontrollera följande", "Fyll i det här.", "Kryssa i rutan för att fortsätta.", "Välj ur listan.",
        "Det här är ingen e-postadress.", "Det här är inget telefonnummer.", "Det här är inte skrivet som det ska.",
        "Tack", "Skicka",
    ),
}  # fmt: skip
KNOWN = {**KNOWN, "pt-BR": replace(KNOWN["pt"], tick="Marque esta caixa para continuar.")}


def words_of(language: str, own: Mapping[str, Any] | None = None) -> Words:
    """Ours in a language (English where we do not have it), with what the page says instead under `word_…`."""
    begins = KNOWN.get(language, IN_ENGLISH)
    said = {name: text for name in NAMES if (text := str((own or {}).get(f"word_{name}") or "").strip())}
    return replace(begins, **said) if said else begins


def translated(problem: str, words: Words) -> str:
    """What is wrong with an answer, in the words of a page; what a form's maker wrote stays as it is."""
    if words is IN_ENGLISH:
        return problem
    ours = asdict(words)
    if problem in PROBLEMS:
        return str(ours[PROBLEMS[problem]])
    return words.fill_in if problem.startswith("Please fill this in;") else _by_its_kind(problem, words)


def _by_its_kind(problem: str, words: Words) -> str:
    own = problem.startswith(OTHERS) and words.wrong != IN_ENGLISH.wrong
    return words.wrong if own else problem


PROBLEMS = {
    "Please fill this in.": "fill_in",
    "Please tick this to go on.": "tick",
    "Please answer this.": "fill_in",
    "Please choose at least one.": "pick",
    "Please choose from the list.": "pick",
    "Please answer yes or no.": "pick",
    "This is not an e-mail address.": "email",
    "This is not a phone number.": "phone",
    "This is not written as it is asked for.": "wrong",
}
OTHERS = (
    "This holds a character that cannot be kept.",
    "This is not a number.",
    "Please give a whole number,",
    "This is not a date",
    "This is not a web ",
    "At most ",
)
"""What validation.py and fitting.py say besides: beginnings, since some name a figure."""
