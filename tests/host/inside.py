"""What tests of the adapter inside the WebUI have in common."""


def load(checkpoints, family):
    from modules import sd_models

    return sd_models.load_model(checkpoints[family], family)


def borrowed(host):
    return host.borrow(host.find(""))
