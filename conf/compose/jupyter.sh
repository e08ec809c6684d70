#!/usr/bin/env bash
# JupyterLab, opened on the notebook. In the local stack its folder is the clone. In a container it is a volume, in which `training`
# leads to the image's own: the notebook is always that of the code which it calls. It cannot be changed there; a copy beside it can.
set -euo pipefail

root="${JUPYTER_ROOT:?}" notebook=training/sms-spam-classifier.ipynb
if [ ! "$root" -ef "$PWD" ]; then
  # A folder of this name that somebody made stays as it is.
  [ -d "$root/training" ] && [ ! -L "$root/training" ] || ln -sfn "$PWD/training" "$root/training"
fi
# Without this it asks everybody who opens it whether they want to be told of Jupyter's news.
mkdir -p "${JUPYTER_CONFIG_DIR:?}/labconfig"
echo '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}' >"$JUPYTER_CONFIG_DIR/labconfig/page_config.json"
exec jupyter-lab --no-browser --allow-root --ServerApp.ip="${JUPYTER_LISTEN:?}" --ServerApp.port="${JUPYTER_PORT:?}" \
  --ServerApp.port_retries=0 --ServerApp.root_dir="$root" --LabApp.default_url="/lab/tree/$notebook" \
  --LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate --LabApp.news_url=
