/** The default provider against published values. */
import { nobleProvider } from "../../lib/crypto/noble_provider.ts";
import { keyAgreementVectors } from "./key_agreement_vectors.ts";
import { deterministicSignatureVectors, signatureVectors } from "./signature_vectors.ts";
import { symmetricVectors } from "./symmetric_vectors.ts";

symmetricVectors("noble", nobleProvider);
keyAgreementVectors("noble", nobleProvider);
signatureVectors("noble", nobleProvider);
deterministicSignatureVectors("noble", nobleProvider);
