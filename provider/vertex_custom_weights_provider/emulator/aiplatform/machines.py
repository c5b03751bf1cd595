"""Which accelerators a machine type takes, as far as the service's refusals depend on it."""

from __future__ import annotations

from vertex_custom_weights_provider.emulator.envelope import Json, refuse

# Machine type -> its accelerator and how many it has; counts up to the whole are allowed.
_BUNDLED: dict[str, tuple[str, int]] = {
    "g2-standard-4": ("NVIDIA_L4", 1),
    "g2-standard-8": ("NVIDIA_L4", 1),
    "g2-standard-12": ("NVIDIA_L4", 1),
    "g2-standard-16": ("NVIDIA_L4", 1),
    "g2-standard-24": ("NVIDIA_L4", 2),
    "g2-standard-32": ("NVIDIA_L4", 1),
    "g2-standard-48": ("NVIDIA_L4", 4),
    "g2-standard-96": ("NVIDIA_L4", 8),
    "a2-highgpu-1g": ("NVIDIA_TESLA_A100", 1),
    "a2-highgpu-2g": ("NVIDIA_TESLA_A100", 2),
    "a2-highgpu-4g": ("NVIDIA_TESLA_A100", 4),
    "a2-highgpu-8g": ("NVIDIA_TESLA_A100", 8),
    "a2-megagpu-16g": ("NVIDIA_TESLA_A100", 16),
    "a2-ultragpu-1g": ("NVIDIA_A100_80GB", 1),
    "a2-ultragpu-2g": ("NVIDIA_A100_80GB", 2),
    "a2-ultragpu-4g": ("NVIDIA_A100_80GB", 4),
    "a2-ultragpu-8g": ("NVIDIA_A100_80GB", 8),
    "a3-highgpu-1g": ("NVIDIA_H100_80GB", 1),
    "a3-highgpu-2g": ("NVIDIA_H100_80GB", 2),
    "a3-highgpu-4g": ("NVIDIA_H100_80GB", 4),
    "a3-highgpu-8g": ("NVIDIA_H100_80GB", 8),
    "a3-edgegpu-8g": ("NVIDIA_H100_80GB", 8),
    "a3-megagpu-8g": ("NVIDIA_H100_MEGA_80GB", 8),
    "a3-ultragpu-8g": ("NVIDIA_H200_141GB", 8),
    "a4-highgpu-8g": ("NVIDIA_B200", 8),
    "a4x-highgpu-4g": ("NVIDIA_GB200", 4),
    "g4-standard-48": ("NVIDIA_RTX_PRO_6000", 1),
    "g4-standard-96": ("NVIDIA_RTX_PRO_6000", 2),
    "g4-standard-192": ("NVIDIA_RTX_PRO_6000", 4),
    "g4-standard-384": ("NVIDIA_RTX_PRO_6000", 8),
}
_ATTACHABLE = {
    "NVIDIA_TESLA_K80",
    "NVIDIA_TESLA_P100",
    "NVIDIA_TESLA_V100",
    "NVIDIA_TESLA_P4",
    "NVIDIA_TESLA_T4",
}
_PREFIXES = ("n1-", "n2-", "e2-", "c2-", "c3-", "ct5lp-", "ct5p-", "ct6e-", "m1-", "n2d-", "c2d-")


def check(spec: Json) -> None:
    """Refuse a machine spec that no machine fits."""
    machine = spec.get("machineType", "")
    accelerator = spec.get("acceleratorType", "")
    count = int(spec.get("acceleratorCount", 0))
    if accelerator == "ACCELERATOR_TYPE_UNSPECIFIED":
        accelerator = ""
    if bool(accelerator) != bool(count):
        refuse(
            "INVALID_ARGUMENT",
            "`accelerator_type` and `accelerator_count` must be set together in machine_spec.",
        )
    bundled = _BUNDLED.get(machine)
    if bundled is None:
        _check_general(machine, accelerator)
    else:
        _check_bundled(machine, bundled, accelerator, count)


def _check_general(machine: str, accelerator: str) -> None:
    if machine and not machine.startswith(_PREFIXES):
        refuse("INVALID_ARGUMENT", f'Machine type "{machine}" is not supported.')
    attachable = accelerator in _ATTACHABLE and machine.startswith("n1-")
    if accelerator and not attachable and not accelerator.startswith("TPU_"):
        _mismatch(accelerator, machine)


def _check_bundled(machine: str, bundled: tuple[str, int], accelerator: str, count: int) -> None:
    kind, most = bundled
    if accelerator and accelerator != kind:
        _mismatch(accelerator, machine)
    allowed = [size for size in (1, 2, 4, 8, 16) if size <= most]
    if count and count not in allowed:
        listed = ", ".join(str(size) for size in allowed)
        refuse(
            "INVALID_ARGUMENT",
            f'Accelerator count "{count}" is not allowed for machine type "{machine}" and'
            f' accelerator "{kind}". Allowed accelerator counts: [{listed}].',
        )


def _mismatch(accelerator: str, machine: str) -> None:
    refuse(
        "INVALID_ARGUMENT",
        f'Accelerator "{accelerator}" is not supported for machine type "{machine}".',
    )
